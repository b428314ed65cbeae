import Testing

@testable import FiberInspection

/// Fibers as threads in made-up processes, damaged ones among them.
@Suite struct MadeUpDebuggerThreadTests {
  private func threads(of process: FakeProcess) -> DebuggerThreads {
    var unwinder = PreparedWalks(walks: process.walks)
    return DebuggerThreads(of: process.snapshot, unwinder: &unwinder)
  }

  @Test func idsTellFibersOfTheFirstRegistryAndAreNeverGivenTwice() {
    var ids = DebuggerThreadIDs(threads: [7, 1_000_000_003])
    #expect(ids.id(of: 1, registry: 0) == 1_000_000_001)
    #expect(ids.id(of: 999_999_999, registry: 0) == 1_999_999_999)
    #expect(ids.id(of: 3, registry: 0) == 2_000_000_000)
    #expect(ids.id(of: 1, registry: 0) == 2_000_000_001)
    #expect(ids.id(of: 1, registry: 1) == 2_000_000_002)
    #expect(ids.id(of: 1_000_000_000, registry: 0) == 2_000_000_003)
    #expect(ids.id(of: .max, registry: 0) == 2_000_000_004)
  }

  @Test func eachFiberOfACycleOfBasesIsThereOnce() {
    var process = FakeProcess()
    process.fibers = [.fake(1, count: 1), .fake(2, count: 1)]
    let chain = [process.fibers[0], process.fibers[1], process.fibers[0], process.fibers[1]]
    process.addThread(7, sp: 0x10_f000, .running(chain, sp: 0x10_f000))
    let threads = threads(of: process)
    #expect(threads.all.map(\.id) == [7, 1_000_000_001, 1_000_000_002])
    #expect(threads.all[1].registers == process.threads[0].registers)
    #expect(threads.all[2].registers?.programCounter == FakeCode.resume + 8)
  }

  @Test func whereNoWalkLeadsThereALinkToAFrameOfResumeDoes() {
    var process = FakeProcess()
    process.fibers = [
      .fake(1, count: 1).with { $0.link = 0x7fff_0000 }, .fake(2, count: 1).with { $0.link = 0x10_8000 },
    ]
    let sp: UInt64 = 0x20_8000
    process.addThread(7, sp: sp, Walk(frames: [.at(FakeCode.sleep, sp: sp)], end: .failed("no CFI")))
    process.memory = Words([0x10_7ff8: FakeCode.resume + 0x20])
    let linked = threads(of: process)
    #expect(linked.problems == [])
    #expect(
      linked.all[1].registers
        == Registers(programCounter: FakeCode.resume + 0x20, framePointer: 0x10_8000, stackPointer: 0x10_8000))

    // Any other word is no such frame.
    process.memory = Words([0x10_7ff8: FakeCode.body])
    let other = threads(of: process)
    #expect(other.all.map(\.id) == [7, 1_000_000_002])
    #expect(
      other.problems.map(\.description) == [
        "no thread stands for fiber #1: the frame in which it resumed another fiber cannot be found"
      ])
  }

  @Test func fibersWithoutFramesAreCountedAndDamagedOnesNamed() {
    var process = FakeProcess()
    process.fibers = [
      .fake(1, count: 2).with { $0.isFinished = true }, .fake(2, count: 2).with { $0.isFinished = true },
      .fake(3, count: 1).with { $0.isAbandoned = true }, .fake(4, name: "lost", count: 1),
      .fake(5, count: 2, saved: 0x41414141), .fake(6, count: 2),
    ]
    process.memory = Words([0x60_f000: 1, 0x60_f008: FakeCode.body])
    let threads = threads(of: process)
    #expect(threads.all.map(\.id) == [1_000_000_006])
    #expect(
      threads.notes.map(\.description) == [
        "3 fibers without frames are not among the threads: 2 finished, 1 abandoned"
      ])
    #expect(
      threads.problems.map(\.description) == [
        "no thread stands for fiber #4 \"lost\": on a thread by its record, but found on none (and so for 1 more)"
      ])
  }

  @Test func aFiberWhoseStackACoreHasLostIsNoThread() {
    var process = FakeProcess()
    process.source = .core(path: "/tmp/core")
    process.fibers = [.fake(1, count: 2).with { $0.link = 0 }, .fake(2, count: 2)]
    process.memory = Words([0x10_f000: 0, 0x10_f008: 0, 0x20_f000: 0, 0x20_f008: FakeCode.body])
    let threads = threads(of: process)
    #expect(threads.all.map(\.id) == [1_000_000_002])
    #expect(threads.problems.first?.description.hasPrefix("the stack of fiber #1 is not in the core") == true)
  }

  @Test func namesCannotDriveATerminal() {
    var process = FakeProcess()
    process.fibers = [.fake(1, name: "a\u{1b}[2J", count: 2)]
    process.memory = Words([0x10_f000: 1, 0x10_f008: FakeCode.body])
    #expect(threads(of: process).all.map(\.name) == ["fiber 1 a\\u{1b}[2J"])
  }
}

extension PreparedWalks: StackStartUnwinder {
  mutating func registers(beyond bases: [Int], from registers: Registers) -> [Registers?] {
    let frames = walk(from: registers, limit: .max).frames
    return bases.map { base in
      guard base + 1 < frames.count else { return nil }
      let frame = frames[base + 1]
      return Registers(
        programCounter: frame.programCounter.address, framePointer: frame.framePointer ?? 0,
        stackPointer: frame.stackPointer ?? 0)
    }
  }
}
