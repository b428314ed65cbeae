extension FiberStack {
  /// Bytes from the stack's end down to the lowest word that is not zero: the most that was ever in use at a time,
  /// exact to a word of 8 bytes, unless zeros were all that was written below. Nil for memory of the caller's, which
  /// need not have been zero.
  ///
  /// It counts from when the stack's pages were fresh. A pool does not clear a stack between fibers: then it is the
  /// most that any of them has used since the pool last gave the stack's pages back. Some bytes at the end, at most a
  /// sixteenth of the stack, are the runtime's.
  ///
  /// Of a stack that another thread is running on it is a lower bound.
  ///
  /// - Complexity: O(pages of the stack): a system call for each 64 of them that lie below the mark.
  public var highWaterMark: Int? {
    guard self.guard != nil else { return nil }
    guard let lowest = unsafe UnsafeStackPages(low: low, high: high).lowestWritten() else { return 0 }
    return Int(high - lowest)
  }
}
