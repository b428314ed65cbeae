import Testing

@testable import FiberInspection

@Suite struct FiberStateTests {
  @Test func aFiberRunsWhereItsBaseOccursAndOuterOnesResumeTheNextInnerOne() {
    var process = FakeProcess()
    process.fibers = [.fake(1, count: 1), .fake(2, count: 1), .fake(3, name: "inner", count: 3)]
    let sp = process.fibers[2].base - 0x200
    process.addThread(7, sp: sp, .running(process.fibers.reversed(), sp: sp))

    let fibers = process.dump().registries[0].fibers
    #expect(
      fibers.map(\.state) == [
        .resuming(.fiber(fibers[1].reference), thread: 7), .resuming(.fiber(fibers[2].reference), thread: 7),
        .running(thread: 7),
      ])
    #expect(fibers.allSatisfy { $0.evidence == .trace })
    #expect(fibers.map(\.resumer) == [.thread(7), .fiber(fibers[0].reference), .fiber(fibers[1].reference)])
    #expect(fibers.map { $0.trace.map { Array($0.frames).count } } == [3, 3, 3])
    #expect(fibers[2].stackUsed == 0x300)
  }

  @Test func theTraceOfAThreadIsDividedAtEachBase() {
    var process = FakeProcess()
    process.fibers = [.fake(1, count: 1), .fake(2, count: 1)]
    process.addThread(7, sp: 0x20_f000, .running(process.fibers.reversed(), sp: 0x20_f000))

    let dump = process.dump()
    let segments = dump.threads[0].trace?.segments ?? []
    let references = dump.registries[0].fibers.map(\.reference)
    #expect(segments.map(\.owner) == [.fiber(references[1]), .fiber(references[0]), .thread(7)])
    #expect(segments.map(\.numbers) == [0..<3, 3..<6, 6..<8])
  }

  @Test func fibersOnNoThreadAreNotStartedSuspendedOrFinished() {
    var process = FakeProcess()
    process.fibers = [
      .fake(1, count: 0), .fake(2, count: 2).with { $0.waitReason = "for tick" },
      .fake(3, count: 4).with { $0.isFinished = true },
    ]
    for fiber in process.fibers { process.walks[fiber.savedStackPointer] = .suspended(fiber) }

    let dump = process.dump()
    let fibers = dump.registries[0].fibers
    #expect(fibers.map(\.state) == [.notStarted, .suspended, .finished])
    #expect(fibers.map(\.waitReason) == [nil, "for tick", nil])
    #expect(fibers.map { $0.stackUsed == nil } == [true, false, true])
    #expect(fibers.map { $0.trace?.segments.count } == [nil, 1, nil])
    #expect(fibers[1].trace.map { Array($0.frames).last?.location.runtimeFunction } == .notRunning)
    #expect(dump.isComplete)
  }

  @Test func aFiberThatAThreadHasEndedInIsAbandonedAndNoFault() {
    var process = FakeProcess()
    process.fibers = [1, 2].map { .fake($0, count: 1).with { $0.isAbandoned = true } }
    // A thread that is still dying shows frames on the outer one's stack.
    process.addThread(7, sp: 0x10_f000, .running([process.fibers[0]], sp: 0x10_f000))
    let dump = process.dump()
    #expect(dump.registries[0].fibers.map(\.state) == [.abandoned, .abandoned])
    #expect(dump.isComplete)
  }

  @Test func aThreadCaughtInASwitchHoldsItsFiberByRegister() {
    var process = FakeProcess()
    process.fibers = [.fake(1, count: 3)]
    process.walks[process.fibers[0].savedStackPointer] = .suspended(process.fibers[0])
    process.addThread(
      7, sp: 0x7fff_0000, rdx: process.fibers[0].base, pc: FakeCode.suspend + 0x20, .running([], sp: 0x7fff_0000))

    let fiber = process.dump().registries[0].fibers[0]
    #expect(fiber.state == .switching(thread: 7))
    #expect(fiber.trace?.segments.count == 1)
  }

  @Test func whereAWalkFailsStackPointerAndLinksStillLocateFibersAndSaySo() {
    var process = FakeProcess()
    process.fibers = [
      .fake(1, count: 1).with { $0.link = 0x7fff_0000 }, .fake(2, count: 1).with { $0.link = 0x10_8000 },
      .fake(3, count: 1).with { $0.link = 0 },
    ]
    let sp: UInt64 = 0x20_8000
    process.addThread(7, sp: sp, Walk(frames: [.at(FakeCode.sleep, sp: sp)], end: .failed("no CFI")))

    let dump = process.dump()
    let fibers = dump.registries[0].fibers
    #expect(
      fibers.map(\.state) == [
        .resuming(.fiber(fibers[1].reference), thread: 7), .running(thread: 7), .unlocated,
      ])
    #expect(fibers.map(\.evidence) == [.link, .stackPointer, .record])
    #expect(!dump.isComplete)
    #expect(dump.brokenStacks == 2)
  }

  @Test func aCycleOfLinksLocatesEachFiberOnce() {
    var process = FakeProcess()
    process.fibers = [
      .fake(1, count: 1).with { $0.link = 0x20_8000 }, .fake(2, count: 1).with { $0.link = 0x10_8000 },
    ]
    process.addThread(7, sp: 0x10_8000, Walk(frames: [.at(FakeCode.sleep, sp: 0x10_8000)], end: .cycle))
    let fibers = process.dump().registries[0].fibers
    #expect(fibers.map(\.evidence) == [.stackPointer, .link])
  }

  @Test func aDamagedRecordIsNotWalkedAndSaysWhy() {
    var process = FakeProcess()
    process.fibers = [
      .fake(1, count: 2, saved: 0x41414141), .fake(2, count: 2).with { $0.high = $0.low },
    ]
    let dump = process.dump()
    let fibers = dump.registries[0].fibers
    #expect(fibers.map { $0.trace == nil } == [true, true])
    #expect(fibers[0].defect?.contains("saved sp 0x41414141 lies outside its stack") == true)
    #expect(fibers[1].defect?.contains("damaged") == true)
    #expect(dump.brokenStacks == 2)
  }

  @Test func aWalkThatReachesTheEndFrameIsWholeEvenWithoutUnwindInformation() {
    var process = FakeProcess()
    process.fibers = [.fake(1, count: 2)]
    var walk = Walk.suspended(process.fibers[0])
    walk.end = .failed("no unwind information")
    process.walks[process.fibers[0].savedStackPointer] = walk
    #expect(process.dump().isComplete)
  }

  @Test func aBaseInNoRegistryStillEndsAStack() {
    var process = FakeProcess()
    process.fibers = [.fake(1, count: 1)]
    let unknown = FiberSnapshot.fake(9, count: 1)
    process.addThread(7, sp: 0x90_f000, .running([unknown, process.fibers[0]], sp: 0x90_f000))
    let dump = process.dump()
    #expect(dump.threads[0].trace?.segments.first?.owner == .unregistered(base: unknown.base))
    #expect(dump.registries[0].fibers[0].state == .resuming(.unregistered(base: unknown.base), thread: 7))
  }

  @Test func deepTracesLoseTheirMiddleBeforeAnythingIsLookedUp() {
    var process = FakeProcess()
    let frames = (0..<1000).map { WalkedFrame.at(FakeCode.body, sp: 0x7f00_0000 + UInt64($0) * 16) }
    process.addThread(7, sp: 0x7f00_0000, Walk(frames: frames, end: .outermost))
    let trace = process.dump(frameLimit: 20).threads[0].trace
    #expect(trace?.omitted == 15..<995)
    #expect(trace.map { $0.frames.map(\.number) } == Array(0..<15) + Array(995..<1000))
  }

  @Test func aFiberOfAnotherRuntimeIsWalkedFromItsSavedRegisters() {
    var layout = FakeCode.layout
    layout.suspendedProgramCounter = 0
    layout.savedProgramCounterOffset = 16
    layout.savedFramePointerOffset = 8
    layout.savedStackPointerAdjustment = 24
    let fiber = FiberSnapshot.fake(1, count: 2)
    let sp = fiber.savedStackPointer
    let state = SuspendedState(of: fiber, layout: layout, memory: Words([sp + 16: 0x3008, sp + 8: 0x10_f800]))
    guard case .registers(let registers) = state else {
      Issue.record("no registers")
      return
    }
    #expect(registers == Registers(programCounter: 0x3008, framePointer: 0x10_f800, stackPointer: sp + 24))
    guard case .absent = SuspendedState(of: fiber, layout: layout, memory: NoMemory()) else {
      Issue.record("registers that cannot be read are absent")
      return
    }
  }
}

/// Memory of a few words.
struct Words: MemoryReader {
  let words: [UInt64: UInt64]
  init(_ words: [UInt64: UInt64]) { self.words = words }

  func read(at address: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    guard let word = words[address], buffer.count >= 8 else { return 0 }
    unsafe buffer.storeBytes(of: word, as: UInt64.self)
    return 8
  }
}
