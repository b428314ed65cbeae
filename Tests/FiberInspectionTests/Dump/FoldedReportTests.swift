import Testing

@testable import FiberInspection

@Suite struct FoldedReportTests {
  private func process() -> FakeProcess {
    var process = FakeProcess()
    process.fibers = (1...5).map { .fake($0, count: 2) } + [.fake(6, count: 1), .fake(7, count: 0)]
    for fiber in process.fibers.prefix(5) {
      var walk = Walk.suspended(fiber)
      // Another pc of the same function.
      if fiber.id == 5 { walk.frames[1].programCounter = .returnAddress(FakeCode.body + 9) }
      process.walks[fiber.savedStackPointer] = walk
    }
    process.addThread(4711, sp: 0x60_f000, .running([process.fibers[5]], sp: 0x60_f000))
    return process
  }

  @Test func aLineIsAStackFromOutermostToInnermostWithItsCount() {
    #expect(process().folded() == "body(int) 5\nmain;body(int);sleep 1\n")
  }

  @Test func allFramesAreThoseOfTheRuntimeToo() {
    #expect(
      process().folded(detail: ReportDetail(showsRuntime: true)) == """
        ft_fiber_not_running;ft_fiber_start;body(int);ft_fiber_suspend 5
        main;ft_fiber_resume;ft_fiber_start;body(int);sleep 1

        """)
  }

  @Test func aFiberOnAThreadIsCountedOnce() {
    var fibers = DumpSelection()
    fibers.showsThreads = false
    #expect(process().folded(fibers) == "body(int) 5\nbody(int);sleep 1\n")
  }

  @Test func separatorsInNamesAreEscaped() {
    var process = process()
    process.fibers = [process.fibers[0]]
    process.threads = []
    var locations = PreparedLocations()
    locations.functions[FakeCode.body] = .named("a;b\nc\u{1b}[31m\u{202e} d", "/src/x.c", 1)
    var text = ""
    FoldedReport(process.dump(locations: locations)).write(to: &text)
    #expect(text == #"a\u{3b}b\u{a}c\u{1b}[31m\u{202e} d 1"# + "\n")
  }

  @Test func framesWithoutANameAndGapsAreNamed() {
    var process = FakeProcess()
    let frames = [WalkedFrame.at(0x7f00)] + (0..<99).map { _ in WalkedFrame.at(FakeCode.body) }
    process.addThread(1, sp: 0x7fff_0000, Walk(frames: frames, end: .cycle))
    var text = ""
    FoldedReport(process.dump(frameLimit: 4)).write(to: &text)
    #expect(text == "[incomplete];body(int);[96 frames not shown];body(int);body(int);[0x7f08] 1\n")
  }
}
