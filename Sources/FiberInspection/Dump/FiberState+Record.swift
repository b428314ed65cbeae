extension FiberState {
  /// What a fiber does, by its record and its place on a thread, nil if it has none.
  init(of fiber: FiberSnapshot, at place: FiberPlacement.Place?) {
    if fiber.isAbandoned {
      // What a dying thread still shows of it has been unwound.
      self = .abandoned
    } else if let place {
      self = place.state
    } else if fiber.isFinished {
      self = .finished
    } else if fiber.isOnThread {
      self = .unlocated
    } else {
      self = fiber.count == 0 ? .notStarted : .suspended
    }
  }
}
