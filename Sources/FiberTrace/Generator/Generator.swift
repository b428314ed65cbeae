/// A sequence that a function makes, element by element, and only as far as somebody asks.
///
/// <doc:WritingGenerators> shows it at work. The function, the body, hands each element to ``Yield`` and stands still there until the next one
/// is wanted. It needs no state but its local variables, since they stay on a stack of its own; it may call functions that
/// yield, and itself.
///
/// It is a sequence of a single pass, as Python's generators are: copies share the body, and a loop goes on where the
/// one before it has stopped. After the end of the body, there is no element any more.
///
/// When the last copy goes, the body is cancelled: its pending ``Yield`` throws, and its `defer`s run. To leave a loop over a
/// generator that nobody else holds does that.
///
/// A body cannot fail: only ``GeneratorStopped`` leaves it, and the compiler sees to that. Swift 6.3 does not infer it of a closure,
/// which says so itself: `{ yield throws(GeneratorStopped) in … }`; where that is forgotten, the error tells what to write.
/// ``ThrowingGenerator`` is for bodies that can fail.
///
/// A generator is bound to the thread that created it, as its ``Fiber`` is. To ask it for an element elsewhere, or from its
/// own body, ends the process with a line that names it: a sequence has no way to throw.
public struct Generator<Element>: Sequence, IteratorProtocol {
  @usableFromInline let fiber: Fiber<Void, Element, Void>

  /// What makes the elements.
  public typealias Body = (Yield) throws(GeneratorStopped) -> Void

  /// Creates a generator, whose body starts when the first element is asked for.
  ///
  /// Debuggers are told the function that calls this initializer, as by ``Fiber/init(name:stackSize:options:_:)``.
  ///
  /// - Parameters:
  ///   - name: What dumps, backtraces and errors call its fiber.
  ///   - stackSize: Bytes of stack, see ``FiberStack/init(size:guard:)``.
  ///   - body: What makes the elements.
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

  /// The next element, or nil if the body has ended.
  ///
  /// Runs the body until it yields or ends. No allocation, lock or system call until then.
  ///
  /// - Complexity: O(1), and what the body does.
  @inlinable @inline(__always)
  public func next() -> Element? {
    do {
      return switch try fiber.resume() {
      case .yielded(let element): element
      case .returned: nil
      }
    } catch {
      endOrStop(error)
      return nil
    }
  }

  /// Returns if `error` says that the body has ended. Any other is misuse, and nobody could catch it.
  @usableFromInline @inline(never)
  func endOrStop(_ error: any Error) {
    if isEnd(error, of: fiber.id) || error is GeneratorStopped { return }
    fatalError("\(error)")
  }
}

/// `error` says that the fiber has finished before.
func isEnd(_ error: any Error, of id: UInt64) -> Bool {
  guard let error = error as? FiberError else { return false }
  return error.code == .finished && error.fiberID == id
}

extension Generator: CustomStringConvertible {
  /// `fiber #3 "name"`: its fiber, as errors, backtraces and dumps call it.
  public var description: String { fiber.description }
}

// Bound to its thread.
@available(*, unavailable)
extension Generator: Sendable {}
