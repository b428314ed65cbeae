internal import FiberTrace

/// A sequence that a function makes, element by element, and only as far as somebody asks.
///
/// The function hands each element to `yield` and stands still there until the next one is wanted. It may call others that yield, and
/// itself: it needs no state but its local variables, since they stay on its own stack.
///
/// When the generator goes, the function is cancelled: its pending `yield` throws, and its `defer`s run.
struct Generator<Element> {
  /// Hands on an element, and returns when the next is asked for.
  typealias Yield = Fiber<Void, Element, Void>.Suspend

  private let fiber: Fiber<Void, Element, Void>

  init(named name: String, _ produce: @escaping (Yield) throws -> Void) throws {
    fiber = try Fiber(name: name) { suspend, _ in try produce(suspend) }
  }

  /// The next element, or nil if the function has returned. Throws what the function throws.
  func next() throws -> Element? {
    guard fiber.state != .finished else { return nil }
    switch try fiber.resume() {
    case .yielded(let element): return element
    case .returned: return nil
    }
  }

  /// The next elements, at most `count`.
  func next(_ count: Int) throws -> [Element] {
    var elements: [Element] = []
    while elements.count < count, let element = try next() { elements.append(element) }
    return elements
  }
}
