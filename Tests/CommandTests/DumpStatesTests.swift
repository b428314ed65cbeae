import Foundation
import TestSupport
import Testing

@Suite struct DumpStatesTests {
  private let innerFrames = [
    "stand", "descend", "descend", "descend", "inner_body", "ft_fiber_start", "|", "ft_fiber_resume", "ft_resume",
    "outer_body",
    "ft_fiber_start", "|", "ft_fiber_resume", "ft_resume", "main",
  ]

  /// The frames between the wait and libc's start, which differ by libc.
  private func mainFrames(_ text: DumpText) -> [String] {
    let frames = text.functions("thread ")
    guard let first = frames.firstIndex(of: "stand"), let last = frames.firstIndex(of: "main") else { return frames }
    return Array(frames[first...last])
  }

  @Test(arguments: ["states", "fixed"])
  func everyStateOfAFiberIsShownWithItsTrace(_ form: String) throws {
    let program = try RunningProgram((form == "fixed" ? TestProgram.fixedStates : TestProgram.states).get())
    let result = try fibertrace("dump", "--all-frames", program.argument)
    #expect(result.status == 0)
    #expect(result.errors == "")
    #expect(program.state == "S")
    check(DumpText(result.output), id: program.id)
  }

  @Test func aCoreShowsWhatTheProcessShowed() throws {
    let program = try RunningProgram(TestProgram.states.get())
    let directory = try TemporaryDirectory()
    let result = try fibertrace("dump", "--all-frames", program.core(in: directory))
    #expect(result.status == 0)
    #expect(result.errors == "")
    check(DumpText(result.output), id: program.id)
  }

  private func check(_ text: DumpText, id: Int32) {
    let counts = "2 threads, 6 fibers (2 running, 1 resuming, 1 suspended, 1 not started, 1 finished)"
    #expect(text.sections[0].title.contains("process \(id)"))
    #expect(text.sections[0].title.contains(counts), "\(text.sections[0].title)")
    #expect(mainFrames(text) == innerFrames)
    #expect(text.section("never started")?.title.hasSuffix("not started") == true)
    #expect(text.section("never started")?.lines.count == 1)
    #expect(text.section("never started")?.lines.first?.hasPrefix("      stack of 1 MiB, created by main at ") == true)
    #expect(text.section("ticking")?.title.hasSuffix("suspended: for the next tick") == true)
    #expect(
      text.functions("ticking") == [
        "ft_fiber_suspend", "ft_suspend", "wait_for_tick", "ticking_body", "ft_fiber_start", "ft_fiber_not_running",
      ])
    #expect(text.section("ended")?.title.hasSuffix("finished") == true)
    #expect(text.functions("ended") == [])
    #expect(text.section("inner")?.title.hasSuffix("running on thread \(id)") == true)
    #expect(text.section("outer")?.title.hasSuffix("resuming #5 on thread \(id)") == true)
    #expect(text.section("outer")?.lines.first?.contains("of 1 MiB in use, resumed once, created by main at ") == true)
    #expect(text.section("on a thread")?.title.contains("running on thread ") == true)
    let boundaries = text.sections.flatMap(\.lines).filter { $0.contains("resumed by") }
    #expect(boundaries.contains { $0.contains("fiber #5 \"inner\" resumed by fiber #6 \"outer\"") })
    #expect(boundaries.contains { $0.contains("fiber #6 \"outer\" resumed by thread \(id)") })
  }

  @Test func aStrippedProgramStillShowsFibersAndTheRuntimesOwnFrames() throws {
    let program = try RunningProgram(TestProgram.strippedStates.get())
    let result = try fibertrace("dump", "--all-frames", program.argument)
    #expect(result.status == 0)
    let text = DumpText(result.output)
    #expect(text.functions("thread ").count { $0.hasPrefix("ft_fiber_") } == 4)
    let ticking = text.functions("ticking")
    #expect(ticking.first == "ft_fiber_suspend" && ticking.last == "ft_fiber_not_running")
    #expect(ticking.count == 5)
    #expect(text.section("ticking")?.lines.contains { $0.contains("in stripped+0x") } == true)
  }

  @Test func aDeletedProgramIsStillNamed() throws {
    let directory = try TemporaryDirectory()
    try FileManager.default.copyItem(atPath: TestProgram.states.get(), toPath: directory.file("gone"))
    let program = try RunningProgram(directory.file("gone"))
    try FileManager.default.removeItem(atPath: directory.file("gone"))
    let result = try fibertrace("dump", "--all-frames", program.argument)
    #expect(result.status == 0)
    #expect(mainFrames(DumpText(result.output)) == innerFrames)
  }

  /// The thread is stopped at any instruction of the switch, in either direction.
  @Test func aProcessCaughtWhileSwitchingIsAlwaysShownWhole() throws {
    let program = try RunningProgram(TestProgram.states.get(), "spin")
    for _ in 0..<30 {
      let result = try fibertrace("dump", "--all-frames", program.argument)
      try #require(result.status == 0, "\(result.output)")
      let text = DumpText(result.output)
      #expect(text.functions("thread ").contains("main"))
      #expect(text.sections[0].title.contains("not found") == false)
      let title = try #require(text.section("spinning")?.title)
      #expect([" running ", " suspended", " not started", " being switched by "].contains { title.contains($0) })
    }
  }

  @Test func everyOfManyFibersIsShown() throws {
    let program = try RunningProgram(TestProgram.states.get(), "many")
    let result = try fibertrace("dump", "--all-frames", program.argument)
    #expect(result.status == 0)
    let text = DumpText(result.output)
    #expect(text.sections[0].title.contains("2006 fibers (2 running, 1 resuming, 2001 suspended"))
    #expect(text.sections.count { $0.lines.contains { $0.contains("wait_for_tick") } } == 2001)
  }

  @Test func framesOfADeepStackAreLimitedAndCounted() throws {
    let program = try RunningProgram(TestProgram.states.get(), "deep")
    let result = try fibertrace("dump", "--all-frames", "--frames", "20", program.argument)
    #expect(result.status == 0)
    let lines = DumpText(result.output).section("thread ")?.lines ?? []
    #expect(lines.count { $0.contains("descend") } == 13)
    #expect(lines.contains { $0.contains(" frames not shown (--frames)") })
    let all = try fibertrace("dump", "--all-frames", "--frames", "100000", program.argument)
    #expect(DumpText(all.output).functions("thread ").count { $0 == "descend" } == 5001)
  }
}
