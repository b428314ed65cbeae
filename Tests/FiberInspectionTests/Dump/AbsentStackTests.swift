import Testing

@testable import FiberInspection

@Suite struct AbsentStackTests {
  /// Memory of zeros, as gcore leaves it where it could not read.
  private struct Zeros: MemoryReader {
    func read(at address: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
      unsafe buffer.initializeMemory(as: UInt8.self, repeating: 0)
      return buffer.count
    }
  }

  private func process(_ source: Snapshot.Source, _ memory: any MemoryReader, link: UInt64?) -> FakeProcess {
    var process = FakeProcess()
    process.source = source
    process.memory = memory
    process.fibers = (1...1000).map { .fake($0, count: 2).with { $0.link = link } }
    for fiber in process.fibers {
      process.walks[fiber.savedStackPointer] = Walk(
        frames: [.at(FakeCode.suspend, sp: fiber.savedStackPointer)], end: .outermost)
    }
    return process
  }

  @Test func stacksThatACoreHasAsZerosAreNamedOnceWithTheRemedy() {
    let dump = process(.core(path: "core"), Zeros(), link: 0).dump()
    #expect(dump.fibers.allSatisfy { $0.trace == nil && $0.defect?.hasPrefix("its stack is not in the core") == true })
    #expect(dump.problems.count == 1)
    #expect(
      dump.problems[0].description.hasPrefix("the stacks of 1000 fibers, #1 the first, are not in the core: gcore "))
    #expect(dump.problems[0].description.contains("the kernel's own core"))
    #expect(dump.brokenStacks == 1000)
    #expect(dump.fiberGroups().map(\.count) == [1000])
  }

  @Test func stacksThatACoreDoesNotHaveAtAllAreNamedTheSame() {
    let dump = process(.core(path: "core"), NoMemory(), link: nil).dump()
    #expect(dump.fibers.allSatisfy { $0.defect?.hasPrefix("its stack is not in the core") == true })
    #expect(dump.problems.count == 1)
  }

  @Test func aStackThatCouldNotBeCopiedIsNotBlamedOnACore() {
    let dump = process(.process(stopped: .zero), NoMemory(), link: nil).dump()
    #expect(dump.fibers.allSatisfy { $0.defect?.hasPrefix("its stack is not in the snapshot") == true })
    #expect(dump.problems.count == 1)
    #expect(!dump.problems[0].description.contains("core"))
  }

  @Test func aStackWithAWordThatIsNotZeroIsThere() {
    let memory = process(.core(path: "core"), Zeros(), link: FakeCode.layout.endRecord)
    #expect(memory.dump().fibers.allSatisfy { $0.defect == nil && $0.trace != nil })
    let live = process(.process(stopped: .zero), Zeros(), link: 0)
    #expect(live.dump().fibers.allSatisfy { $0.defect == nil })
  }
}
