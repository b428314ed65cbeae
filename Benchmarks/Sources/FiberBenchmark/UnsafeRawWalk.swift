internal import FiberTrace

/// `Backtrace.captureRaw(into:)` as a contender in C calls it.
func walkRaw(_ buffer: UnsafeMutablePointer<UnsafeMutableRawPointer?>, _ size: Int32) -> Int {
  let words = unsafe UnsafeMutableRawPointer(buffer).assumingMemoryBound(to: UInt.self)
  return unsafe Backtrace.captureRaw(into: UnsafeMutableBufferPointer(start: words, count: Int(size)))
}
