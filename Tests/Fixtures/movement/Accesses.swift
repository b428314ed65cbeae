internal import FiberTrace

/// A variable whose accesses Swift checks at run time: no optimizer sees through a property of a class behind these functions.
final class Box {
  private var value = 0

  @inline(never) @_optimize(none)
  func change(_ body: (inout Int) throws -> Void) rethrows { try body(&value) }

  var content: Int {
    @inline(never) @_optimize(none) get { value }
    @inline(never) @_optimize(none) _modify { yield &value }
  }
}

typealias Steps = MovableFiber<Void, Int, Int>

func next(_ fiber: Steps) throws -> Int {
  switch try fiber.resume() {
  case .yielded(let value): value
  case .returned(let value): -value
  }
}

func suspendsInsideAccess() throws {
  let fiber = try Steps { suspend, _ in
    let box = Box()
    try box.change { value in
      for step in 1...4 {
        value += step
        try suspend(value)
      }
    }
    return box.content
  }
  try require(next(fiber), is: 1)
  try onOtherThread { try require(next(fiber), is: 3) }
  try require(next(fiber), is: 6)
  try onOtherThread {
    try require(next(fiber), is: 10)
    try require(next(fiber), is: -10)
  }
}

func suspendsInsideModify() throws {
  func add(_ suspend: Steps.Suspend, to value: inout Int) throws {
    for step in 1...3 {
      value += step
      try suspend(value)
    }
  }
  let fiber = try Steps { suspend, _ in
    let box = Box()
    try add(suspend, to: &box.content)
    return box.content
  }
  try onOtherThread { try require(next(fiber), is: 1) }
  try require(next(fiber), is: 3)
  try onOtherThread { try require(next(fiber), is: 6) }
  try require(next(fiber), is: -6)
}

/// A fiber whose every other suspend is inside an access.
private func makeInAndOut() throws -> Steps {
  try Steps { suspend, _ in
    let boxes = [Box(), Box()]
    for step in 1...6 {
      try boxes[0].change { value in
        try boxes[1].change { other in
          value += 1
          other += 1
          try suspend(step)
        }
        try suspend(step)
      }
      try suspend(step)
    }
    return boxes[0].content + boxes[1].content
  }
}

func resumerHasAccesses() throws {
  let fiber = try makeInAndOut()
  let mine = Box()
  // Accesses that begin before a resume and end after it, and whose fiber has begun and ended others meanwhile.
  for step in 1...6 {
    try mine.change { value in
      value += try next(fiber)
      let theirs = Box()
      try onOtherThread { try theirs.change { value in value += try next(fiber) } }
      value += theirs.content
    }
    try require(next(fiber), is: step)
  }
  try require(mine.content, is: 42)
  try mine.change { value in value = try next(fiber) }
  try require(mine.content, is: -12)
}

func fibersAlternate() throws {
  let fibers = try (0..<3).map { _ in try makeInAndOut() }
  for step in 0..<18 {
    // Three orders of three fibers, here and there by turns.
    for index in 0..<3 {
      let fiber = fibers[(index + step) % 3]
      if (step + index) % 2 == 0 {
        try require(next(fiber), is: step / 3 + 1)
      } else {
        try onOtherThread { try require(next(fiber), is: step / 3 + 1) }
      }
    }
  }
  for fiber in fibers { try require(next(fiber), is: -12) }
}

func isDroppedInsideAccess() throws {
  nonisolated(unsafe) var unwound = 0
  for isExplicit in [true, false] {
    var fiber: Steps? = try Steps { suspend, _ in
      let box = Box()
      try box.change { value in
        defer { unsafe unwound += 1 }
        value += 1
        try suspend(value)
      }
      return 0
    }
    _ = try fiber?.resume()
    try onOtherThread {
      if isExplicit { try require(fiber?.cancel(), is: nil) }
      fiber = nil
    }
  }
  try require(unsafe unwound, is: 2)
}

func resumesBoundInsideAccess() throws {
  let fiber = try Steps { suspend, _ in
    let box = Box()
    let inner = try Fiber<Void, Int, Int> { suspend, _ in
      let own = Box()
      try own.change { value in
        for step in 1...3 {
          value += step
          try suspend(value)
        }
      }
      return own.content
    }
    try box.change { value in
      while case .yielded(let number) = try inner.resume() {
        value += number
        try suspend(value)
      }
    }
    return box.content
  }
  try require(next(fiber), is: 1)
  try onOtherThread { try require(next(fiber), is: 4) }
  try require(next(fiber), is: 10)
  try onOtherThread { try require(next(fiber), is: -10) }
}

/// Ends the process: a fiber that has moved still may not access what it is accessing.
func overlapsItself() throws {
  let fiber = try Steps { suspend, _ in
    let box = Box()
    try box.change { _ in
      try suspend(1)
      box.change { $0 += 1 }
    }
    return 0
  }
  _ = try next(fiber)
  try onOtherThread { _ = try next(fiber) }
}

/// Ends the process: nor may it access what its resumer is accessing, after it has moved with an access of its own.
func overlapsResumer() throws {
  nonisolated(unsafe) let shared = Box()
  let fiber = try Steps { suspend, _ in
    let box = Box()
    try box.change { _ in
      try suspend(1)
      unsafe shared.change { $0 += 1 }
    }
    return 0
  }
  _ = try next(fiber)
  try onOtherThread { unsafe try shared.change { $0 += try next(fiber) } }
}
