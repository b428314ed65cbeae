extension Generator {
  /// What hands on an element: given to the body, called as a function by it and by what it calls.
  ///
  /// To recurse, hand it on to the function called: an element costs the same from any depth.
  ///
  /// It holds no reference to the generator. A call from elsewhere than the body's own stack ends the process with a line that
  /// names the generator.
  public struct Yield {
    @usableFromInline let suspend: Fiber<Void, Element, Void>.Suspend

    @usableFromInline
    init(suspend: Fiber<Void, Element, Void>.Suspend) {
      self.suspend = suspend
    }

    /// Hands on `element`, and returns when the next is asked for.
    ///
    /// - Throws: ``GeneratorStopped`` when the generator is gone.
    /// - Complexity: O(1). No allocation, lock or system call.
    @inlinable @inline(__always)
    public func callAsFunction(_ element: consuming Element) throws(GeneratorStopped) {
      do throws(FiberError) {
        try suspend(element)
      } catch {
        throw stopped(error)
      }
    }

    /// Hands on every element of `elements`, each when it is asked for: Python's `yield from`.
    ///
    /// - Throws: ``GeneratorStopped`` when the generator is gone.
    /// - Complexity: That of the sequence. A generator that yields from a generator, *n* deep, switches *n* times an element;
    ///   a recursion that hands on its `yield` switches once.
    @inlinable
    public func callAsFunction(contentsOf elements: some Sequence<Element>) throws(GeneratorStopped) {
      for element in elements { try self(element) }
    }

    /// Every other error is misuse.
    @usableFromInline @inline(never)
    func stopped(_ error: FiberError) -> GeneratorStopped {
      guard error.code == .cancelled else { fatalError(error.description) }
      return GeneratorStopped()
    }
  }
}

// Bound to its generator's stack.
@available(*, unavailable)
extension Generator.Yield: Sendable {}
