import CFiberAsm
import FiberTrace
import Foundation
import Synchronization
import Testing

@Suite("A movable fiber, with the rest of the library,")
struct MovableSurroundingsTests {
  @Test("finds where the runtime keeps accesses, on each thread, so that its fence is free where there are none")
  func findsAccesses() throws {
    let fiber = try MovableFiber<Void, Void, Never> { suspend, _ in while true { try suspend() } }
    for _ in 0..<2 {
      let isKnown = try onThread {
        _ = try fiber.resume()
        let list = unsafe ft_thread_access_list()
        return unsafe list.pointee == 0
      }
      #expect(isKnown)
    }
  }

  @Test("takes generators of its body along")
  func generators() throws {
    let fiber = try MovableFiber<Void, Int, Int> { suspend, _ in
      let squares = try Generator<Int> { yield throws(GeneratorStopped) in
        for number in 1...20 { try yield(number * number) }
      }
      var sum = 0
      for square in squares {
        try suspend(square)
        sum += square
      }
      return sum
    }
    for number in 1...20 {
      let outcome = number % 2 == 0 ? try fiber.resume() : try onThread { try fiber.resume() }
      #expect(outcome == .yielded(number * number))
    }
    #expect(try onThread { try fiber.resume() } == .returned(2870))
  }

  @Test("runs on a stack of a pool, which gets it back on whatever thread the fiber ends")
  func pool() throws {
    let pool = try FiberStackPool(stackSize: 65536)
    for _ in 0..<10 {
      let made = try MovableFiber<Int, Int, Int>(name: "pooled", pool: pool) { suspend, first in try suspend(first) }
      #expect(try onThread { try made.resume(3) } == .yielded(3))
    }
    #expect(pool.statistics.inUse == 0)
    #expect(pool.statistics.stacks == 1)
    #expect(pool.statistics.reuses == 9)
  }

  @Test(
    "whose stack overflows on a thread that has had no other fiber is named",
    .enabled(if: Sanitizer.isNone, "sanitizers report overflows their own way"))
  func overflow() async {
    let result = await #expect(processExitsWith: .signal(SIGSEGV), observing: [\.standardErrorContent]) {
      try FiberStackOverflow.installHandler()
      let fiber = try MovableFiber<Void, Never, Int>(name: "too deep", stackSize: 65536) { _, _ in recurse(.max) }
      _ = try onThread {
        var all = sigset_t()
        unsafe sigfillset(&all)
        unsafe pthread_sigmask(SIG_UNBLOCK, &all, nil)
        return try fiber.resume()
      }
    }
    let output = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(output.contains("stack overflow in fiber #1 \"too deep\": all 64 KiB of its stack are used"))
  }

  @Test(
    "whose thread ends inside it is abandoned: it can be neither resumed nor cancelled",
    .enabled(if: Sanitizer.current != .thread, "ThreadSanitizer stops a process that calls pthread_exit in a fiber"))
  func abandoned() throws {
    let isRunning = Atomic(false)
    let fiber = try MovableFiber<Void, Void, Void>(name: "left") { _, _ in
      isRunning.store(true, ordering: .releasing)
      pthread_exit(nil)
    }
    abandonedFibers.withLock { $0.append(fiber) }
    var thread = pthread_t()
    let argument = unsafe Unmanaged.passRetained(fiber.boxed).toOpaque()
    let status = unsafe pthread_create(
      &thread, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        let fiber = unsafe Unmanaged<Box<MovableFiber<Void, Void, Void>>>.fromOpaque(argument).takeRetainedValue().value
        _ = try? fiber.resume()
        return nil
      }, argument)
    #expect(status == 0)
    pthread_join(thread, nil)
    let hasRun = isRunning.load(ordering: .acquiring)
    #expect(hasRun)
    #expect(fiber.state == .abandoned)
    let errors = [fiberError { try fiber.resume() }, fiberError { try fiber.cancel() }]
    #expect(errors.map { $0?.code } == [.abandoned, .abandoned])
    #expect(
      errors[0]?.description
        == "fiber #\(fiber.id) \"left\" cannot be resumed: its thread has ended inside it; create another")
  }
}

private final class Box<Value: Sendable>: Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}

extension MovableFiber {
  fileprivate var boxed: Box<Self> { Box(self) }
}
