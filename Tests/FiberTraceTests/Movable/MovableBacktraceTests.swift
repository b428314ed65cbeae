import FiberTrace
import Foundation
import Testing

/// The functions of a backtrace that are named in it, innermost first, in their order.
private func names(_ backtrace: Backtrace, of functions: [String]) -> [String] {
  backtrace.frames.compactMap { frame in
    let name = frame.symbol()?.name ?? ""
    return functions.first { name.contains($0) }
  }
}

@inline(never) private func captureInBody() throws -> Backtrace { try Backtrace.capture() }

@inline(never) @_optimize(none) private func hostOnThisThread(
  _ fiber: MovableFiber<Void, Backtrace, Backtrace>
) throws -> Backtrace {
  switch try fiber.resume() {
  case .yielded(let backtrace), .returned(let backtrace): return backtrace
  }
}

@inline(never) @_optimize(none) private func hostOnAnotherThread(
  _ fiber: MovableFiber<Void, Backtrace, Backtrace>
) throws -> Backtrace {
  switch try fiber.resume() {
  case .yielded(let backtrace), .returned(let backtrace): return backtrace
  }
}

@Suite("A backtrace of a movable fiber")
struct MovableBacktraceTests {
  @Test("goes on in whoever resumed it, on whatever thread, to that thread's root")
  func reachesHost() throws {
    let fiber = try MovableFiber<Void, Backtrace, Backtrace>(name: "moved") { suspend, _ in
      try suspend(try captureInBody())
      try suspend(try captureInBody())
      return try captureInBody()
    }
    let functions = ["captureInBody", "ft_fiber_start", "hostOnThisThread", "hostOnAnotherThread", "start_thread"]
    let inside = ["captureInBody", "ft_fiber_start"]
    let here = try hostOnThisThread(fiber)
    let there = try onThread { try hostOnAnotherThread(fiber) }
    let again = try hostOnThisThread(fiber)
    for (backtrace, host) in [(here, "hostOnThisThread"), (there, "hostOnAnotherThread"), (again, "hostOnThisThread")] {
      #expect(Array(names(backtrace, of: functions).prefix(3)) == inside + [host])
      #expect(backtrace.end == .outermost)
      #expect(backtrace.frames.compactMap(\.fiber?.name) == ["moved"])
    }
  }
}
