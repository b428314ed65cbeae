internal import CFiberTraceFixtures
internal import FiberTrace
internal import Glibc

/// Runs `body` where any system call kills the process, then says "done", or "allocated" if it has, and ends the process.
private func withoutSystemCalls(_ body: () throws -> Void) throws {
  guard fixture_forbid_system_calls() else { throw Unexpected("seccomp: errno \(errno)") }
  let before = fixture_allocations()
  try body()
  let text: StaticString = fixture_allocations() == before ? "done\n" : "allocated\n"
  unsafe write(1, text.utf8Start, text.utf8CodeUnitCount)
  fixture_end_thread()
}

private let rounds = 100_000

func switchesWithoutSystemCalls() throws {
  let fiber = try Fiber<Int, Int, Never> { suspend, first in
    var value = first
    while true { value = try suspend(value &+ 1, waiting: "for a number") }
  }
  _ = try fiber.resume(0)
  try withoutSystemCalls {
    for number in 0..<rounds {
      guard case .yielded(number + 1) = try fiber.resume(number) else { throw Unexpected("another value") }
    }
  }
}

func movesWithoutSystemCalls() throws {
  let fiber = try MovableFiber<Int, Int, Never> { suspend, first in
    var value = first
    let box = Box()
    while true {
      value = try suspend(value &+ 1, waiting: "for a number")
      try box.change { _ in value = try suspend(value &+ 1) }
    }
  }
  try onOtherThread { _ = try fiber.resume(0) }
  _ = try fiber.resume(0)
  try withoutSystemCalls {
    for number in 0..<rounds {
      guard case .yielded(number + 1) = try fiber.resume(number) else { throw Unexpected("another value") }
    }
  }
}
