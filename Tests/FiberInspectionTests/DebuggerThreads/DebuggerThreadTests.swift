import TestSupport
import Testing

@testable import FiberInspection

/// Fibers of real processes and cores as threads.
@Suite struct DebuggerThreadTests {
  /// Checks the threads of the program's mode `states`: #1 suspended, #2 not started, #3 finished, #4 running, #5 resuming it.
  private func check(_ snapshot: Snapshot) throws {
    let threads = snapshot.debuggerThreads()
    let main = try #require(snapshot.threads.first)
    #expect(threads.problems == [])
    #expect(threads.notes.map(\.description) == ["1 fiber without frames is not among the threads: 1 finished"])
    #expect(threads.all.map(\.id) == [main.id, 1_000_000_001, 1_000_000_002, 1_000_000_004, 1_000_000_005])
    #expect(
      threads.all.map(\.name)
        == ["fibers", "fiber 1 suspended", "fiber 2", "fiber 4 inner", "fiber 5 outer"])
    #expect(
      threads.all.map(\.details) == [
        (main.signal == 0 ? "" : "SIGABRT, ") + "runs fiber #4 \"inner\"", "suspended: a token", "not started",
        "running on thread \(main.id)", "resuming #4 on thread \(main.id)",
      ])
    #expect(threads.all.map { $0.registerOwner(in: snapshot) } == [main.id, nil, nil, main.id, nil])
    #expect(threads.all[3].registers == main.registers)

    var unwinder = RowUnwinder(snapshot)
    let whole = unwinder.walk(from: try #require(main.registers), limit: 1000)
    let outer = try #require(threads.all[4].registers)
    let rest = unwinder.walk(from: outer, limit: 1000)
    #expect(rest.end == .outermost)
    #expect(addresses(rest) == Array(addresses(whole).suffix(rest.frames.count)))
    let fiber = try #require(snapshot.registries.first?.fibers.last)
    #expect(fiber.low..<fiber.high ~= outer.stackPointer)
    #expect(rest.frames.count { $0.framePointer == fiber.base } == 1)

    let end = snapshot.registries[0].layout.notRunning
    for thread in threads.all[1...2] {
      let walk = unwinder.walk(from: try #require(thread.registers), limit: 1000)
      #expect(walk.end == .outermost)
      #expect(walk.frames.last.map { end.contains($0.programCounter.address) } == true)
    }
  }

  private func addresses(_ walk: Walk) -> [UInt64] { walk.frames.map(\.programCounter.address) }

  @Test func fibersOfAProcessBeginWhereADumpFindsThem() throws {
    let program = try RunningProgram("states")
    try check(try Snapshot.capture(processID: program.id))
  }

  @Test(arguments: CoreMaker.allCases) func fibersOfACoreDoToo(_ maker: CoreMaker) throws {
    let directory = try TemporaryDirectory()
    try check(try Snapshot.load(core: try maker.make(of: "states", in: directory)))
  }

  /// What code on the inner stack has left in rbx and the others is nothing that the outer fiber had.
  @Test func aFiberThatResumesAnotherHasNoRegistersButThoseItsLinkRecovers() throws {
    let program = try RunningProgram("deep", "3")
    let snapshot = try Snapshot.capture(processID: program.id)
    let outer = snapshot.debuggerThreads().all.filter { $0.details.hasPrefix("resuming") }
    #expect(outer.count == 2)
    for thread in outer {
      let known = try #require(thread.registers).values.enumerated().filter { $0.element != nil }.map(\.offset)
      #expect(known == [6, 7, 16])
    }
  }

  @Test func aThreadCaughtAnywhereInASwitchLeavesEachFiberAThread() throws {
    let program = try RunningProgram("churn", "4")
    for _ in 0..<30 {
      let snapshot = try Snapshot.capture(processID: program.id)
      let threads = snapshot.debuggerThreads()
      #expect(threads.problems == [])
      var unwinder = RowUnwinder(snapshot)
      for thread in threads.all {
        guard case .fiber(_, let state) = thread.subject, let registers = thread.registers else { continue }
        // A fiber that is not started has no frames, though a walk begins somewhere.
        if state == .notStarted { continue }
        #expect(unwinder.walk(from: registers, limit: 1000).end == .outermost, "\(thread)")
      }
    }
    try program.expectUnharmed()
  }
}
