import CFiberAsm
import FiberTrace
import Testing

private enum Locals {
  @TaskLocal static var name = "none"
}

/// Runs each job on a thread of its own, so that a task moves.
private final class ThreadPerJob: TaskExecutor {
  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    Thread { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }.start()
  }
}

/// Suspended fibers whose threads have ended. One test alone uses it.
nonisolated(unsafe) private var stranded: [Fiber<Void, Int, Void>] = []

private actor Counter {
  /// Creates, resumes and ends a fiber in one synchronous stretch.
  func sum(of numbers: [Int]) throws -> Int {
    let adder = try Fiber<Int, Int, Never> { suspend, first in
      var sum = first
      while true { sum += try suspend(sum) }
    }
    var last = 0
    for number in numbers {
      if case .yielded(let sum) = try adder.resume(number) { last = sum }
    }
    return last
  }
}

@Suite("Inside tasks and actors")
struct BoundaryTaskTests {
  @Test("a fiber is created, resumed and ended in one synchronous stretch")
  func oneStretch() async throws {
    let sums = try await withThrowingTaskGroup(of: Int.self) { group in
      for count in 1...50 {
        group.addTask {
          let fiber = try Fiber<Void, Int, Int> { suspend, _ in
            for number in 1...count { try suspend(number) }
            return count
          }
          var sum = 0
          while case .yielded(let number) = try fiber.resume() { sum += number }
          return sum
        }
      }
      return try await group.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(sums == Set((1...50).map { $0 * ($0 + 1) / 2 }))
    #expect(try await Counter().sum(of: [1, 2, 3]) == 6)
  }

  @Test("a fiber whose task has moved to another thread since is refused there, and is unharmed on its own")
  func taskMoves() async throws {
    // A handle is not Sendable: a task that keeps one across an await keeps it in its own frame.
    let outcome = try await Task(executorPreference: ThreadPerJob()) {
      let fiber = try Fiber<Void, Int, Void>(name: "bound") { suspend, _ in try suspend(1) }
      _ = try fiber.resume()
      nonisolated(unsafe) let kept = fiber
      let before = ft_thread_claim_number()
      var after = before
      // The runtime may run a job that is enqueued meanwhile on the same thread.
      for _ in 0..<10_000 where after == before {
        await Task.yield()
        after = ft_thread_claim_number()
      }
      let error = fiberError { try unsafe kept.resume() }
      // The last handle of a suspended fiber must go on its own thread, which has ended: keep it.
      unsafe stranded.append(kept)
      return (before == after, error?.code, error?.description ?? "")
    }.value
    #expect(outcome.0 == false)
    #expect(outcome.1 == .wrongThread)
    #expect(outcome.2.contains("\"bound\" cannot be resumed on another thread"))
  }

  @Test("a fiber sees the task-local values of whoever resumes it, each time")
  func taskLocals() async throws {
    let seen = try await Task {
      let fiber = try Fiber<Void, String, Never> { suspend, _ in
        while true { try suspend(Locals.name) }
      }
      var seen: [String] = []
      func resume() throws {
        if case .yielded(let name) = try fiber.resume() { seen.append(name) }
      }
      try resume()
      try Locals.$name.withValue("one") { try resume() }
      try Locals.$name.withValue("two") {
        try resume()
        try Locals.$name.withValue("three") { try resume() }
      }
      try resume()
      return seen
    }.value
    #expect(seen == ["none", "one", "two", "three", "none"])
  }

  @Test("a value that a fiber binds and suspends under is bound for its resumer too, until the fiber has left it")
  func taskLocalBoundInside() async throws {
    let seen = try await Task {
      let fiber = try Fiber<Void, Void, String> { suspend, _ in
        try Locals.$name.withValue("the fiber's") { try suspend() }
        return Locals.name
      }
      _ = try fiber.resume()
      var seen = [Locals.name]
      if case .returned(let name) = try fiber.resume() { seen.append(name) }
      return seen + [Locals.name]
    }.value
    #expect(seen == ["the fiber's", "none", "none"])
  }
}
