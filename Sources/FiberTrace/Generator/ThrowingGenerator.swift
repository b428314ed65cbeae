/// A ``Generator`` whose body may fail: ``next()`` throws what the body throws.
///
/// It is no `Sequence`, since those cannot throw:
///
/// ```swift
/// while let element = try generator.next() { … }
/// ```
///
/// All else is as in ``Generator``: a single pass, copies share the body, and the last one's end cancels it.
public struct ThrowingGenerator<Element> {
  @usableFromInline let fiber: Fiber<Void, Element, Void>

  /// What hands on an element.
  public typealias Yield = Generator<Element>.Yield

  /// What makes the elements.
  public typealias Body = (Yield) throws -> Void

  /// Creates a generator, whose body starts when the first element is asked for; see ``Generator/init(name:stackSize:_:)``.
  ///
  /// - Throws: What ``Fiber/init(name:stackSize:options:_:)`` throws.
  /// - Complexity: O(1), two system calls.
  @_transparent
  public init(
    name: String? = nil, stackSize: Int = FiberStack.defaultSize, _ body: @escaping Body
  ) throws(FiberError) {
    fiber = try Fiber(name: name, stackSize: stackSize) { suspend, _ in try body(Yield(suspend: suspend)) }
  }

  /// Creates a generator on a stack of `pool`, which gets it back when the generator goes.
  ///
  /// - Throws: What ``Fiber/init(name:pool:options:_:)`` throws.
  /// - Complexity: O(1), no system call once the pool has an idle stack.
  @_transparent
  public init(name: String? = nil, pool: FiberStackPool, _ body: @escaping Body) throws(FiberError) {
    fiber = try Fiber(name: name, pool: pool) { suspend, _ in try body(Yield(suspend: suspend)) }
  }

  /// The next element, or nil if the body has ended, with an error or without.
  ///
  /// - Throws: The error that the body has thrown, once. A ``FiberError`` if it cannot be asked: ``FiberError/Code/running``,
  ///   ``FiberError/Code/resumingAnother`` or ``FiberError/Code/wrongThread``.
  /// - Complexity: O(1), and what the body does.
  @inlinable @inline(__always)
  public func next() throws -> Element? {
    do {
      return switch try fiber.resume() {
      case .yielded(let element): element
      case .returned: nil
      }
    } catch {
      try throwUnlessEnd(error)
      return nil
    }
  }

  @usableFromInline @inline(never)
  func throwUnlessEnd(_ error: any Error) throws {
    guard isEnd(error, of: fiber.id) else { throw error }
  }
}

extension ThrowingGenerator: CustomStringConvertible {
  /// `fiber #3 "name"`: its fiber, as errors, backtraces and dumps call it.
  public var description: String { fiber.description }
}

// Bound to its thread.
@available(*, unavailable)
extension ThrowingGenerator: Sendable {}
