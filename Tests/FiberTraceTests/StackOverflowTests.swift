import CFiberAsm
import CFiberTraceFixtures
import FiberTrace
import Foundation
import Testing

/// Lets signals in: a process of Swift Testing begins with most of them blocked, and a fault that is blocked ends it at
/// once.
private func unblockSignals() {
  var all = sigset_t()
  unsafe sigfillset(&all)
  unsafe pthread_sigmask(SIG_UNBLOCK, &all, nil)
}

/// Overflows the stack of a fiber.
private func overflow(name: String?, size: Int = 65536, pool: FiberStackPool? = nil) throws {
  let stack = try pool?.take() ?? FiberStack(size: size)
  _ = try Fiber<Void, Never, Int>(name: name, stack: stack) { _, _ in recurse(.max) }.resume()
}

@Suite("The report of a stack overflow")
struct StackOverflowTests {
  /// The lines about overflows that a child process has written.
  private func reports(_ result: ExitTest.Result?) -> [String] {
    String(decoding: result?.standardErrorContent ?? [], as: UTF8.self).split(separator: "\n").map(String.init)
      .filter { $0.hasPrefix("stack overflow in fiber") }
  }

  @Test("is one line with the fiber's id and name, and then the process ends as without it")
  func oneLine() async throws {
    let result = await #expect(processExitsWith: .signal(SIGSEGV), observing: [\.standardErrorContent]) {
      unblockSignals()
      try FiberStackOverflow.installHandler()
      try FiberStackOverflow.installHandler()
      _ = try Fiber<Void, Never, Int>(name: "other") { _, _ in recurse(100) }.resume()
      try overflow(name: "parser")
    }
    let lines = reports(result)
    let line = try #require(lines.first)
    #expect(lines.count == 1)
    #expect(line.hasPrefix("stack overflow in fiber #2 \"parser\": all 64 KiB of its stack are used"))
    #expect(line.hasSuffix("; create it with a larger stack"))
  }

  @Test("names the innermost of nested fibers, on a thread of its own, on a pooled stack")
  func nested() async {
    let result = await #expect(processExitsWith: .signal(SIGSEGV), observing: [\.standardErrorContent]) {
      unblockSignals()
      try FiberStackOverflow.installHandler()
      let thread = Thread {
        unblockSignals()
        let pool = try? FiberStackPool(stackSize: 32768)
        _ = try? Fiber<Void, Never, Void>(name: "outer") { _, _ in try overflow(name: "inner", pool: pool) }.resume()
      }
      thread.start()
      thread.join()
    }
    #expect(reports(result).count == 1)
    #expect(reports(result).first?.contains("\"inner\": all 32 KiB") == true)
  }

  @Test("says how much more one large frame wants, and nothing of a name where there is none")
  func largeFrame() async {
    let result = await #expect(processExitsWith: .signal(SIGSEGV), observing: [\.standardErrorContent]) {
      unblockSignals()
      try FiberStackOverflow.installHandler()
      _ = try Fiber<Void, Never, UInt64>(stackSize: 65536) { _, _ in fixture_recurse(.max) }.resume()
    }
    let line = reports(result).first ?? ""
    #expect(line.hasPrefix("stack overflow in fiber #1: all 64 KiB of its stack are used, and "))
    #expect(line.hasSuffix(" bytes more are wanted; create it with a larger stack"))
  }

  @Test("stays one line whatever the name")
  func oddName() async {
    let result = await #expect(processExitsWith: .signal(SIGSEGV), observing: [\.standardErrorContent]) {
      unblockSignals()
      try FiberStackOverflow.installHandler()
      try overflow(name: "a\nb\u{1b}ü" + String(repeating: "x", count: 10_000))
    }
    #expect(reports(result).first?.contains("\"a?b?üxxx") == true)
    #expect(reports(result).first?.contains("x...\": all") == true)
  }

  @Test("comes before what handled the signal until then, which sees the fault as it was")
  func previousHandler() async {
    let result = await #expect(processExitsWith: .exitCode(42), observing: [\.standardErrorContent]) {
      unblockSignals()
      fixture_exit_on_fault(42)
      try FiberStackOverflow.installHandler()
      try overflow(name: "first")
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("create it with a larger stack\nfault handled\n"))
  }

  @Test(
    "is not made of other faults: a null pointer, a stray pointer into the guard, a signal that was sent",
    arguments: 0..<3)
  func otherFaults(kind: Int) async {
    let result = await #expect(processExitsWith: .signal(SIGSEGV), observing: [\.standardErrorContent]) { [kind] in
      unblockSignals()
      try FiberStackOverflow.installHandler()
      let fiber = try Fiber<UInt64, Never, Void>(name: "stray") { _, low in
        switch kind {
        case 0: touch(16)
        case 1: touch(low - 1000)
        default: raise(SIGSEGV)
        }
      }
      _ = try fiber.resume(publishedRecord(id: fiber.id)?.low ?? 0)
    }
    #expect(reports(result).isEmpty)
  }

  @Test("lets a handler go on that repairs faults of its own")
  func repairedFaults() async {
    await #expect(processExitsWith: .success) {
      unblockSignals()
      fixture_repair_faults()
      try FiberStackOverflow.installHandler()
      // Twice: the handler is still there.
      let sum = fixture_fault_and_repair() + fixture_fault_and_repair()
      exit(sum == 2 ? 0 : 1)
    }
  }

  @Test(
    "has an alternate stack in each thread that is prepared or creates a fiber, and leaves one that is there",
    .enabled(if: Sanitizer.isNone, "sanitizers give each thread an alternate stack"))
  func alternateStacks() async {
    await #expect(processExitsWith: .success) {
      unblockSignals()
      @Sendable func hasOne() -> Bool { fixture_alternate_stack_size() > 0 }
      try FiberStackOverflow.prepareThread()
      if hasOne() { exit(2) }
      try FiberStackOverflow.installHandler()
      if !hasOne() { exit(3) }
      var before = 0
      for turn in 0..<90 {
        // By then malloc has made what it keeps for threads. A stack and its guard are two mappings.
        if turn == 30 { before = try mappingCount() }
        let thread = Thread {
          if hasOne() { exit(4) }
          if turn % 3 == 0 { fixture_set_alternate_stack(40_000) }
          do {
            if turn % 2 == 0 {
              _ = try Fiber<Void, Void, Void> { _, _ in }
            } else {
              try FiberStackOverflow.prepareThread()
            }
          } catch { exit(5) }
          if !hasOne() || (fixture_alternate_stack_size() == 40_000) != (turn % 3 == 0) { exit(6) }
        }
        thread.start()
        thread.join()
      }
      let more = try mappingCount() - before
      exit(more < 40 ? 0 : Int32(more))
    }
  }

  /// What corosensei promises of its trap handlers, in C: frames of Swift would not be unwound.
  @Test("can be recovered from by a handler of one's own, which lets the fiber return a value to its resumer")
  func recovery() async {
    await #expect(processExitsWith: .success) {
      unblockSignals()
      exit(fixture_recover_from_overflows(3) == 3 ? 0 : 1)
    }
  }
}
