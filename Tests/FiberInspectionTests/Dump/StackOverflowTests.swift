import Testing

@testable import FiberInspection

@Suite struct StackOverflowTests {
  private let fiber = FiberSnapshot.fake(1, name: "deep", count: 1)

  /// A process with `fiber`, on a thread whose rsp is so far from the low end of its stack.
  private func process(at distance: Int64, signal: Int32 = 11, walk: Walk? = nil) -> FakeProcess {
    var process = FakeProcess()
    process.fibers = [fiber]
    let sp = fiber.low &+ UInt64(bitPattern: distance)
    process.addThread(7, sp: sp, signal: signal, walk ?? .running([fiber], sp: sp))
    return process
  }

  @Test(arguments: [-1, -32, -0x10000, -0x11000]) func anSpBelowTheStackIsAnOverflow(distance: Int64) {
    let process = process(at: distance, signal: 0)
    let dump = process.dump().registries[0].fibers[0]
    #expect(dump.overflow == .below(UInt64(-distance)))
    #expect(dump.stackUsed == nil)
    #expect(process.text().contains("thread 7, runs fiber #1 \"deep\", whose stack has overflowed\n"))
  }

  @Test func theLinesOfAnOverflowSaySo() {
    let text = process(at: -32).text()
    #expect(text.contains("thread 7, SIGSEGV, runs fiber #1 \"deep\", whose stack has overflowed\n"))
    #expect(text.contains("\n      stack overflowed: sp is 32 B below its 64 KiB\n"))
  }

  @Test(arguments: [7, 11] as [Int32]) func aFaultAtTheLowEndIsAnOverflow(signal: Int32) {
    let process = process(at: 8, signal: signal)
    #expect(process.dump().registries[0].fibers[0].overflow == .exhausted(left: 8))
    #expect(process.text().contains(", runs fiber #1 \"deep\", whose stack has overflowed\n"))
    #expect(process.text().contains("\n      stack overflowed: a fault of memory came with 8 B of its 64 KiB left\n"))
  }

  @Test(arguments: [(8, 0), (8, 6), (128, 11), (0x8000, 11), (-0x11001, 11)] as [(Int64, Int32)])
  func anSpElsewhereOrWithoutAFaultIsNone(distance: Int64, signal: Int32) {
    let process = process(at: distance, signal: signal)
    #expect(process.dump().registries[0].fibers[0].overflow == nil)
    #expect(!process.text().contains("whose stack"))
  }

  /// A thread whose handler runs on an alternate stack, here far away, and has called a function.
  private func interrupted(at sp: UInt64, memory: any MemoryReader = NoMemory()) -> FiberDump {
    var walk = Walk.running([fiber], sp: sp)
    walk.frames[0].programCounter = .exact(FakeCode.sleep)
    let handler: UInt64 = 0x7f00_0000
    walk.frames =
      [
        .at(FakeCode.sleep, sp: handler), .at(FakeCode.body, sp: handler + 0x40),
        WalkedFrame(programCounter: .exact(0x5000), stackPointer: handler + 0x80, framePointer: nil, found: .cfi),
      ] + walk.frames
    var process = FakeProcess()
    process.fibers = [fiber]
    process.memory = memory
    process.addThread(7, sp: handler, walk)
    return process.dump().registries[0].fibers[0]
  }

  @Test func theFrameThatASignalInterruptedCounts() {
    #expect(interrupted(at: fiber.low - 32).overflow == .below(32))
    #expect(interrupted(at: fiber.low + 0x8000).stackUsed == 0x8000)
  }

  @Test func atTheLowEndTheFaultThatCalledTheHandlerDecides() {
    /// As the kernel saves the interrupted pc, the trap and the address.
    func memory(pc: UInt64 = FakeCode.sleep, trap: UInt64 = 14, address: UInt64) -> Words {
      let uc: UInt64 = 0x7f00_0080
      return Words([uc + 168: pc, uc + 200: trap, uc + 216: address])
    }
    func overflow(_ memory: Words) -> StackOverflow? { interrupted(at: fiber.low + 16, memory: memory).overflow }
    #expect(overflow(memory(address: fiber.low - 8)) == .exhausted(left: 16))
    #expect(overflow(memory(address: 0)) == nil)
    #expect(overflow(memory(trap: 13, address: fiber.low - 8)) == nil)
    #expect(overflow(memory(pc: FakeCode.body, address: fiber.low - 8)) == nil)
  }

  @Test func aThreadInTheGuardRunsTheFiberEvenIfItsTraceFails() {
    let broken = Walk(frames: [.at(FakeCode.sleep, sp: fiber.low - 32)], end: .failed("no CFI"))
    var process = process(at: -32, walk: broken)
    let text = process.text()
    #expect(text.contains("thread 7, SIGSEGV, runs fiber #1 \"deep\", whose stack has overflowed\n"))
    #expect(text.contains("fiber #1 \"deep\", running on thread 7 (by its stack pointer: "))
    // Where the thread can write it is no guard, but perhaps its own stack.
    process.mappings = [
      Mapping(range: fiber.low - 0x1000..<fiber.low, fileOffset: 0, path: "", isWritable: true, isExecutable: false)
    ]
    #expect(process.dump().registries[0].fibers[0].state == .unlocated)
  }

  @Test func aSavedSpBelowTheStackIsAnOverflowOrDamage() {
    var process = FakeProcess()
    process.fibers = [.fake(1, count: 2, saved: fiber.low - 16)]
    let dump = process.dump().registries[0].fibers[0]
    #expect(
      dump.defect == "its saved sp 0xffff0 lies 16 B below its stack, 0x100000 to 0x110000: "
        + "the stack has overflowed, or the record is damaged")
    #expect(process.dump().brokenStacks == 1)
  }
}
