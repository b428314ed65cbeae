import Testing

@testable import FiberInspection

@Suite struct FrameLimitTests {
  /// A suspended fiber whose trace begins with so many frames of the runtime.
  private func process(runtimeFrames: Int, found: WalkedFrame.Found = .cfi) -> FakeProcess {
    var process = FakeProcess()
    let fiber = FiberSnapshot.fake(1, count: 2)
    var walk = Walk.suspended(fiber)
    walk.frames.replaceSubrange(0..<1, with: (0..<runtimeFrames).map { _ in .at(FakeCode.suspend, found: found) })
    walk.frames.insert(contentsOf: (0..<20).map { _ in .at(FakeCode.body) }, at: runtimeFrames)
    process.fibers = [fiber]
    process.walks[fiber.savedStackPointer] = walk
    return process
  }

  private func shown(_ dump: Dump) -> [Int] { dump.fibers.first { _ in true }?.trace?.frames.map(\.number) ?? [] }

  @Test func theInnermostFramesOfTheRuntimeComeOnTop() {
    let process = process(runtimeFrames: 3)
    #expect(shown(process.dump(frameLimit: 1)) == [0, 1, 2, 3])
    #expect(shown(process.dump(frameLimit: 4)) == [0, 1, 2, 3, 4, 5, 25])
    #expect(process.text(frameLimit: 1).contains("[and 2 more of the fiber runtime]\n   3  body(int) "))
  }

  @Test func theyCountWhereThatIsAsked() {
    #expect(shown(process(runtimeFrames: 3).dump(frameLimit: 1, countsRuntime: true)) == [0])
  }

  @Test func framesFoundByDoubtfulMeansCount() {
    #expect(shown(process(runtimeFrames: 3, found: .scan).dump(frameLimit: 1)) == [0])
  }

  @Test func aStackOfRuntimeFramesAloneIsStillBounded() {
    #expect(shown(process(runtimeFrames: 5000).dump(frameLimit: 2)) == Array(0..<FrameNaming.longestRow + 2))
  }

  /// The outer frames of the first fiber are the resumer's, whatever they are.
  @Test func theRowEndsWithTheInnermostStack() {
    var process = FakeProcess()
    let fiber = FiberSnapshot.fake(1, count: 1)
    process.fibers = [fiber]
    process.addThread(
      7, sp: 0x10_f000,
      Walk(
        frames: [.at(FakeCode.start, sp: fiber.base - 0x10, fp: fiber.base)]
          + (0..<4).map { .at(FakeCode.resume, sp: 0x7ffe_0000 + $0) }, end: .outermost))
    #expect(process.dump(frameLimit: 2).threads[0].trace?.omitted == 3..<5)
  }

  @Test func namesOfFramesLeftOutAreNotLookedUp() {
    struct Counted: LocationSource {
      var places: [UInt64: Int] = [:]
      let problems: [Problem] = []
      var named = PreparedLocations()
      mutating func location(of pc: UInt64) -> Location {
        places[pc, default: 0] += 1
        return named.location(of: pc)
      }
    }
    var collection = FrameCollection()
    let stack = collection.intern([.at(FakeCode.suspend), .at(FakeCode.body), .at(FakeCode.main), .at(FakeCode.start)])
    var (naming, source) = (collection.naming(), Counted())
    for _ in 0..<2 {
      #expect(naming.omission(from: stack, innermost: 4, limit: FrameLimit(1), by: &source) == 2..<4)
    }
    _ = naming.table(by: &source) { _ in }
    #expect(source.places == [FakeCode.suspend + 7: 1, FakeCode.body + 7: 1])
  }
}
