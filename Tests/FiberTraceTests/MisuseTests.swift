import FiberTrace
import Foundation
import Testing

/// The `FiberError` that `body` throws.
func fiberError<Value>(_ body: () throws -> Value) -> FiberError? {
  do {
    _ = try body()
    Issue.record("no error")
    return nil
  } catch {
    return error as? FiberError
  }
}

@Suite("Misuse is an error that names the fiber:")
struct MisuseTests {
  @Test("a fiber resumes itself")
  func running() throws {
    var fiber: Fiber<Void, Void, Void>?
    var found: FiberError?
    fiber = try Fiber(name: "ouroboros") { _, _ in found = fiberError { try fiber?.resume() } }
    let id = fiber?.id ?? 0
    _ = try fiber?.resume()
    #expect(found?.code == .running)
    #expect(found?.fiberID == id)
    #expect(found?.fiberName == "ouroboros")
    #expect(
      found?.description
        == "fiber #\(id) \"ouroboros\" cannot be resumed: it is running; resume it from outside its body")
    fiber = nil
  }

  @Test("a fiber resumes its own resumer")
  func resumingAnother() throws {
    var outer: Fiber<Void, Void, Void>?
    var found: FiberError?
    let inner = try Fiber<Void, Void, Void> { _, _ in found = fiberError { try outer?.resume() } }
    outer = try Fiber { _, _ in _ = try inner.resume() }
    let id = outer?.id ?? 0
    _ = try outer?.resume()
    #expect(found?.code == .resumingAnother)
    #expect(found?.fiberID == id)
    outer = nil
  }

  @Test("a finished fiber is resumed")
  func finished() throws {
    let fiber = try Fiber<Void, Void, Void>(name: "done") { _, _ in }
    _ = try fiber.resume()
    let found = fiberError { try fiber.resume() }
    #expect(found?.code == .finished)
    #expect(found?.fiberID == fiber.id)
    #expect("\(found.map(String.init(describing:)) ?? "")".contains("\"done\""))
    #expect(fiberError { try fiber.resume() }?.code == .finished)
  }

  @Test("a fiber is resumed on another thread")
  func wrongThread() throws {
    let fiber = try Fiber<Int, Int, Int>(name: "bound") { suspend, first in try suspend(first) }
    nonisolated(unsafe) let smuggled = fiber
    nonisolated(unsafe) var codes: [FiberError.Code?] = []
    let thread = Thread {
      unsafe codes.append(fiberError { try unsafe smuggled.resume(1) }?.code)
    }
    try join(thread)
    unsafe #expect(codes == [.wrongThread])
    // It is unharmed.
    #expect(try fiber.resume(2) == .yielded(2))
  }

  @Test("a fiber is resumed after its thread has ended, by a thread that has taken its place in memory")
  func threadHasEnded() throws {
    // libc gives the memory of a thread that has ended to the next, so 20 in a row share one place.
    nonisolated(unsafe) var fibers: [Fiber<Int, Int, Int>] = []
    nonisolated(unsafe) var codes: [FiberError.Code?] = []
    for _ in 0..<20 {
      try join(
        Thread {
          unsafe codes += fibers.map { fiber in fiberError { try fiber.resume(1) }?.code }
          if let fiber = try? Fiber<Int, Int, Int>({ suspend, first in try suspend(first) }) {
            unsafe fibers.append(fiber)
          }
        })
    }
    #expect(unsafe fibers.count == 20)
    #expect(unsafe codes == Array(repeating: .wrongThread, count: 190))
  }

  @Test("a handle suspends from the stack of the fiber's resumer")
  func suspendFromOutside() throws {
    var escaped: Fiber<Void, Void, Void>.Suspend?
    let fiber = try Fiber<Void, Void, Void>(name: "escapee") { suspend, _ in
      escaped = suspend
      try suspend()
    }
    _ = try fiber.resume()
    let found = fiberError { try escaped?() }
    #expect(found?.code == .notOnItsStack)
    #expect(found?.fiberName == "escapee")
    #expect(fiber.state == .suspended)
  }

  @Test("a handle suspends from the stack of another fiber, which the first has resumed")
  func suspendFromAnother() throws {
    var found: FiberError?
    let outer = try Fiber<Void, Void, Void> { suspend, _ in
      let inner = try Fiber<Void, Void, Void> { _, _ in found = fiberError { try suspend() } }
      _ = try inner.resume()
    }
    _ = try outer.resume()
    #expect(found?.code == .notOnItsStack)
    #expect(found?.fiberID == outer.id)
  }

  @Test("a handle outlives its fiber, and another fiber has its record and perhaps its stack")
  func suspendWhenGone() throws {
    var escaped: Fiber<Void, Void, Void>.Suspend?
    var first: Fiber<Void, Void, Void>? = try Fiber { suspend, _ in escaped = suspend }
    let id = first?.id
    _ = try first?.resume()
    first = nil
    #expect(fiberError { try escaped?() }?.fiberID == id)

    var found: FiberError?
    let second = try Fiber<Void, Void, Void> { _, _ in found = fiberError { try escaped?() } }
    _ = try second.resume()
    #expect(found?.code == .notOnItsStack)
    #expect(found?.fiberID == id)
    #expect(found?.fiberName == nil)
  }

  @Test("the last handle is dropped after its thread has ended, by a thread with the same place in memory: likewise")
  func dropAfterItsThread() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      nonisolated(unsafe) var fiber: Fiber<Void, Void, Void>?
      try join(
        Thread {
          unsafe fiber = try? Fiber(name: "orphan") { suspend, _ in try suspend() }
          _ = try? unsafe fiber?.resume()
        })
      try join(Thread { unsafe fiber = nil })
    }
    let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(output.contains("\"orphan\" is suspended, and its last handle was dropped on another thread"))
  }

  @Test("the last handle is dropped on another thread: the process ends with the fiber's name")
  func dropOnAnotherThread() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      nonisolated(unsafe) var fiber: Fiber<Void, Void, Void>? = try Fiber(name: "stray") { suspend, _ in try suspend() }
      _ = try unsafe fiber?.resume()
      let thread = Thread { unsafe fiber = nil }
      try join(thread)
    }
    let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(output.contains("\"stray\" is suspended, and its last handle was dropped on another thread"))
  }
}
