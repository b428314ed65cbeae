internal import FiberTrace

/// A bound fiber belongs to the movable one that made it, on every thread, and to no thread.
func boundFibersMoveAlong() throws {
  let fiber = try Steps { suspend, _ in
    var count = 0
    let inner = try Fiber<Void, Int, Never> { suspend, _ in
      while true {
        count += 1
        try suspend(count)
      }
    }
    // One loop, in which a compiler could keep the address of a variable of the first thread.
    for _ in 0..<100 {
      guard case .yielded(let value) = try inner.resume() else { throw Unexpected("it ended") }
      try suspend(value)
    }
    return count
  }
  for step in 1...50 {
    try require(next(fiber), is: 2 * step - 1)
    try onOtherThread { try require(next(fiber), is: 2 * step) }
  }
  try require(next(fiber), is: -100)

  // Nor does the thread's own number stay in the way of what the thread has made.
  let here = try Fiber<Void, Int, Never> { suspend, _ in while true { try suspend(1) } }
  try require(here.resume(), is: .yielded(1))
  let other = try Steps { suspend, _ in while true { try suspend(2) } }
  for _ in 0..<3 {
    _ = try next(other)
    try require(here.resume(), is: .yielded(1))
  }
  // It is dropped, suspended, where its owner is: here its owner is cancelled on another thread.
  var dropped: Steps? = try Steps { suspend, _ in
    let inner = try Fiber<Void, Void, Void> { suspend, _ in try suspend() }
    _ = try inner.resume()
    try suspend(3)
    withExtendedLifetime(inner) {}
    return 0
  }
  if let dropped { _ = try next(dropped) }
  try onOtherThread { dropped = nil }
}

/// A bound fiber of a thread cannot be resumed in the body of a movable one, before and after that has moved.
func foreignFiberIsRefused() throws {
  nonisolated(unsafe) let bound = try Fiber<Void, Int, Never>(name: "bound") { suspend, _ in
    while true { try suspend(1) }
  }
  _ = try unsafe bound.resume()
  let fiber = try MovableFiber<Void, String, String>(name: "moved") { suspend, _ in
    func attempt() -> String {
      do {
        _ = try unsafe bound.resume()
        return "resumed"
      } catch {
        return "\(error)"
      }
    }
    try suspend(attempt())
    try suspend(attempt())
    return attempt()
  }
  let text =
    "fiber #\(unsafe bound.id) \"bound\" cannot be resumed in the body of the movable fiber #\(fiber.id), and a thread "
    + "created it; it must be resumed on that thread, outside of movable fibers"
  try require(fiber.resume(), is: .yielded(text))
  try onOtherThread { try require(fiber.resume(), is: .yielded(text)) }
  try require(unsafe bound.resume(), is: .yielded(1))
  try require(fiber.resume(), is: .returned(text))

  // And the other way round.
  nonisolated(unsafe) var escaped: Fiber<Void, Void, Void>?
  let owner = try MovableFiber<Void, Void, Void> { suspend, _ in
    unsafe escaped = try Fiber(name: "escaped") { suspend, _ in try suspend() }
    try suspend()
    unsafe escaped = nil
  }
  _ = try owner.resume()
  do {
    _ = try unsafe escaped?.resume()
    throw Unexpected("it was resumed")
  } catch let error as FiberError {
    try require(
      error.description,
      is: "fiber #\(error.fiberID ?? 0) \"escaped\" cannot be resumed outside of the movable fiber #\(owner.id), in "
        + "whose body it was created; it must be resumed there")
  }
  try onOtherThread { _ = try owner.resume() }
}
