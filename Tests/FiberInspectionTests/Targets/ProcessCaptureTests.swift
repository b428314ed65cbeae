import Foundation
import TestSupport
import Testing

@testable import FiberInspection

/// Live processes, as they are meant to be.
@Suite struct ProcessCaptureTests {
  @Test func everyStateOfAFiberIsRead() throws {
    let program = try RunningProgram("states")
    let snapshot = try Snapshot.capture(processID: program.id)
    #expect(snapshot.problems.isEmpty)
    #expect(snapshot.notes.isEmpty)
    #expect(snapshot.processID == program.id)
    #expect(snapshot.command == "fibers")
    let registry = try #require(snapshot.registries.first)
    #expect(snapshot.registries.count == 1)
    #expect(registry.runtime == "FiberTrace")
    #expect(registry.modulePath == (try FiberProgram.path()))
    #expect(registry.fibers.map(\.id) == [1, 2, 3, 4, 5])
    #expect(registry.fibers.map(\.name) == ["suspended", nil, "finished", "inner", "outer"])
    #expect(registry.fibers.map(\.count) == [6, 0, 2, 1, 1])
    #expect(registry.fibers.map(\.isFinished) == [false, false, true, false, false])
    #expect(registry.fibers[0].waitReason == "a token")
    let end = registry.layout.endRecord
    #expect(registry.fibers.prefix(3).allSatisfy { $0.link == end })
    #expect(registry.fibers.suffix(2).allSatisfy { $0.link != end && $0.link != nil })
    #expect(registry.fibers.allSatisfy { $0.high - $0.low == 16384 && $0.high > $0.base && $0.creator != 0 })
    #expect(registry.layout.hasLink)
    try program.expectUnharmed()
  }

  @Test func theFramesOfSuspendedFibersEndInTheEndRecord() throws {
    let program = try RunningProgram("states")
    let snapshot = try Snapshot.capture(processID: program.id)
    let end = try #require(snapshot.registries.first).layout.endRecord
    for id in [1, 2, 3] as [UInt64] {
      let fiber = try #require(snapshot.fiber(id))
      let frames = FrameChain(snapshot, from: fiber.savedStackPointer).frames
      #expect(frames.suffix(2) == [fiber.base, end])
      #expect(snapshot.memory.word(at: end) == 0 && snapshot.memory.word(at: end - 8) != nil)
    }
  }

  @Test func theFramesOfARunningFiberLeadThroughItsResumersToTheThread() throws {
    for mode in ["states", "threaded"] {
      let program = try RunningProgram(mode)
      try program.settle()
      let snapshot = try Snapshot.capture(processID: program.id)
      #expect(snapshot.problems.isEmpty)
      let running = snapshot.registries[0].fibers.filter(\.isOnThread)
      let thread = try #require(
        snapshot.threads.first { thread in
          running.contains { ($0.low..<$0.high).contains(thread.registers?.stackPointer ?? 0) }
        })
      #expect((thread.id == program.id) == (mode == "states"))
      #expect(thread.name == (mode == "states" ? nil : "side"))
      let frames = FrameChain(snapshot, from: thread.registers?.framePointer ?? 0).frames
      let bases = frames.filter { frame in running.contains { $0.base == frame } }
      #expect(bases == running.map(\.base))
      // Two frames or more on the thread's own stack above the last base.
      #expect(frames.drop { $0 != bases.last }.count > 2)
    }
  }

  @Test func namesOfThreadsMayHoldAnything() throws {
    let program = try RunningProgram("renamed")
    try program.settle()
    let snapshot = try Snapshot.capture(processID: program.id)
    #expect(snapshot.problems.isEmpty)
    #expect(snapshot.threads.map(\.name) == [nil, "side\n) Z 0\u{1b}[2J"])
  }

  @Test func theInterruptedStackBelowASignalHandlerIsThere() throws {
    let program = try RunningProgram("alternate")
    try program.settle()
    let snapshot = try Snapshot.capture(processID: program.id)
    #expect(snapshot.problems.isEmpty)
    let registers = try #require(snapshot.threads.first?.registers)
    #expect(FrameChain(snapshot, from: registers.framePointer).frames.count > 1)
    // The handler hides where the fiber was interrupted; its stack, and the thread's, are there nevertheless.
    let fiber = try #require(snapshot.fiber(1))
    #expect(fiber.isOnThread)
    let link = try #require(fiber.link)
    #expect(snapshot.memory.word(at: fiber.base) == link)
    #expect(FrameChain(snapshot, from: link).frames.count > 1)
    #expect(snapshot.memory.word(at: fiber.base - 64) != nil)
  }

  @Test func modulesAreOpenAndOfTheBuildInMemory() throws {
    let program = try RunningProgram("states")
    try program.settle()
    let snapshot = try Snapshot.capture(processID: program.id)
    #expect(snapshot.modules.contains { $0.path == "[vdso]" })
    #expect(snapshot.modules.contains { $0.path.contains("libc.so") })
    let starts = snapshot.modules.map(\.range.lowerBound)
    #expect(starts == starts.sorted())
    for module in snapshot.modules {
      #expect(module.buildID != nil)
      guard case .file(let file) = module.image else {
        Issue.record("\(module.path) has no file")
        continue
      }
      #expect(try FileBytes(file).bytes(at: 0, count: 4) == [0x7f, 0x45, 0x4c, 0x46])
    }
    let executable = try #require(snapshot.modules.first { $0.path.hasSuffix("/fibers") })
    let pc = try #require(snapshot.threads.first?.registers?.programCounter)
    #expect(executable.range.contains(pc))
    #expect(snapshot.memory.bytes(at: pc - 2, count: 2) == [0x0f, 0x05])
  }

  @Test func aDeletedProgramIsReadThroughItsMappings() throws {
    let directory = try TemporaryDirectory()
    let copy = directory.file("gone")
    try FileManager.default.copyItem(atPath: try FiberProgram.path(), toPath: copy)
    let program = try RunningProgram("states", path: copy)
    try FileManager.default.removeItem(atPath: copy)
    let snapshot = try Snapshot.capture(processID: program.id)
    #expect(snapshot.problems.isEmpty)
    let module = try #require(snapshot.modules.first { $0.path == copy })
    guard case .file = module.image else {
      Issue.record("the deleted program could not be opened")
      return
    }
    #expect(snapshot.mappings.first { $0.path == copy }?.isDeleted == true)
    #expect(snapshot.registries.first?.fibers.count == 5)
    #expect(snapshot.command == "gone")
  }

  @Test func aProgramInAnotherMountNamespaceIsReadByAnyoneWhoMay() throws {
    let directory = try TemporaryDirectory()
    let script =
      "mount -t tmpfs none \"$1\" && chmod 755 \"$1\" && cp \"$2\" \"$1/inside\" && exec $3 \"$1/inside\" states"
    for user in ["", "setpriv --reuid 65534 --clear-groups"] {
      let program = try RunningProgram(
        "-m", "sh", "-c", script, "sh", directory.path, try FiberProgram.path(), user, path: "/usr/bin/unshare")
      #expect(program.firstLine == "ready")
      #expect(!FileManager.default.fileExists(atPath: directory.file("inside")))
      let id = program.id
      let snapshot =
        user.isEmpty
        ? try Snapshot.capture(processID: id)
        : try Elsewhere.asNobody { Result { try Snapshot.capture(processID: id) } }.get()
      #expect(snapshot.problems.isEmpty)
      #expect(snapshot.registries.first?.fibers.count == 5)
      guard case .file = try #require(snapshot.modules.first { $0.path == directory.file("inside") }).image else {
        Issue.record("the program was not found in its own mount namespace")
        continue
      }
    }
  }

  @Test func aStrippedProgramHasItsRegistry() throws {
    let directory = try TemporaryDirectory()
    let stripped = directory.file("stripped")
    #expect(try run("/usr/bin/env", ["strip", "-o", stripped, try FiberProgram.path()]).status == 0)
    let program = try RunningProgram("states", path: stripped)
    #expect(try Snapshot.capture(processID: program.id).registries.first?.fibers.count == 5)
  }

  @Test func aStoppedProcessStaysStopped() throws {
    let program = try RunningProgram("many", "3")
    program.send(SIGSTOP)
    while try program.threadStates().first?.state != "T" { usleep(1000) }
    for _ in 0..<5 {
      let snapshot = try Snapshot.capture(processID: program.id)
      #expect(snapshot.problems.isEmpty)
      #expect(snapshot.registries.first?.fibers.count == 3)
      // Let go, the thread stops again by itself, without a step in user mode: it takes a moment to be seen.
      for _ in 0..<5000 where try program.threadStates().first?.state == "R" { usleep(1000) }
      let state = try #require(try program.threadStates().first)
      #expect(state == ("T", "0"))
    }
    program.send(SIGCONT)
    while try program.threadStates().first?.state == "T" { usleep(1000) }
    try program.expectUnharmed()
  }

  @Test func signalsThatArriveMeanwhileAreDelivered() throws {
    let program = try RunningProgram("counting")
    // SIGRTMIN of glibc. Real-time signals are queued one by one.
    let signal: Int32 = 34
    var sent = 0
    for _ in 0..<100 {
      for _ in 0..<3 {
        program.send(signal)
        sent += 1
      }
      let snapshot = try Snapshot.capture(processID: program.id)
      #expect(snapshot.problems.isEmpty)
    }
    program.send(SIGTERM)
    #expect(program.finish() == "signals \(sent)\n")
  }

  @Test func aProcessWhoseMainThreadHasEndedIsRead() throws {
    let program = try RunningProgram("headless")
    while try program.threadStates().allSatisfy({ $0.state != "Z" }) { usleep(1000) }
    let snapshot = try Snapshot.capture(processID: program.id)
    #expect(snapshot.problems.isEmpty)
    #expect(snapshot.threads.count == 1)
    #expect(snapshot.registries.first?.fibers.map(\.name) == ["on a thread"])
    let state = try program.threadStates()
    #expect(state.allSatisfy { $0.tracer == "0" && $0.state != "t" })
  }

  @Test func aThreadInUninterruptibleSleepIsNamedAndTheRestShown() throws {
    let program = try RunningProgram("sleeper")
    let snapshot = try Snapshot.capture(processID: program.id)
    #expect(snapshot.problems.count == 1)
    #expect(snapshot.problems.first?.description.contains("uninterruptible sleep (state D)") == true)
    #expect(snapshot.threads.count == 2)
    #expect(snapshot.threads.filter { $0.registers == nil }.count == 1)
    #expect(snapshot.registries.first?.fibers.map(\.name) == ["beside"])
    let states = try program.threadStates()
    #expect(states.allSatisfy { $0.tracer == "0" && $0.state != "t" })
  }
}
