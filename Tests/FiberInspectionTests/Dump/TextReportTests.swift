import Testing

@testable import FiberInspection

@Suite struct TextReportTests {
  /// Threads and fibers in every state, with a creation site, a guess, a damaged record and a broken walk.
  private func everyState() -> FakeProcess {
    var process = FakeProcess()
    process.fibers = [
      .fake(1, name: "outer", count: 1).with { $0.creator = FakeCode.main + 8 },
      .fake(2, name: "inner", count: 5),
      .fake(3, count: 2).with { $0.waitReason = "for the next tick" },
      .fake(4, name: "new", count: 0),
      .fake(5, count: 4).with { $0.isFinished = true },
      .fake(6, count: 2, saved: 0x41414141),
      .fake(7, count: 1),
      .fake(8, count: 1).with { $0.link = 0 },
    ]
    for fiber in process.fibers[2...3] { process.walks[fiber.savedStackPointer] = .suspended(fiber) }
    process.addThread(4711, sp: 0x20_f000, .running([process.fibers[1], process.fibers[0]], sp: 0x20_f000))
    process.addThread(
      4712, sp: 0x70_8000,
      Walk(
        frames: [.at(FakeCode.sleep, sp: 0x70_8000), .at(0x7f00, sp: 0x70_8010, found: .fp)],
        end: .failed("no unwind information covers 0x7f07, and rbp (0x0) leads to no frame")))
    process.threads.append(ThreadSnapshot(id: 4713, name: "worker", registers: nil, signal: 11))
    process.problems = [Problem("registers of thread 4713: it is gone")]
    return process
  }

  @Test func everyStateHasItsWords() throws {
    try expectSnapshot(everyState().text(), "every-state")
  }

  @Test func asciiOutputHasNoOtherCharacter() throws {
    let text = everyState().text(style: TextStyle())
    #expect(text.utf8.allSatisfy { $0 < 0x80 })
    #expect(text.contains("-- fiber #2 \"inner\" resumed by fiber #1 \"outer\" --"))
  }

  @Test func colorAddsSequencesAndChangesNoText() {
    let plain = everyState().text()
    let colored = everyState().text(style: TextStyle(usesColor: true, usesUnicode: true))
    #expect(colored != plain)
    #expect(colored.replacing(/\u{1b}\[[0-9]+m/, with: "") == plain)
  }

  /// Every line of a frame by itself: what is inlined into compiler-generated code may be the user's.
  @Test func onlyLinesOfTheRuntimeAndTheCompilerAreDim() {
    func function(_ name: String, _ path: String?, _ line: Int? = 1, isInlined: Bool = false) -> FunctionLocation {
      FunctionLocation(
        name: name, rawName: name, offset: 4, source: path.map { SourceLine(path: $0, line: line) },
        isInlined: isInlined)
    }
    let generated = SourceLine.compilerGenerated
    let frames: [[FunctionLocation]] = [
      [function("ft_suspend", "/p/CFiberAsm.h", isInlined: true), function("user0", "/u/main.swift")],
      [function("user1", "/u/main.swift", isInlined: true), function("thunk1", generated, nil)],
      [function("user2", "/u/main.swift", nil)],
      [function("$s10FiberTrace0A4CoreC3runyyFZ", nil)],
      [function("library4", "/p/Sources/FiberTrace/Fiber/Fiber.swift")],
      [function("$s10FiberTrace0A0C4mainE5user5yyF", "/u/main.swift")],
      [function("$s15FiberTraceTests5user6yyF", nil)],
      [function("ft_fiber_start", "/p/fiber.S")],
    ]
    let trace = Trace(
      frames.map { functions in
        Location(functions: functions, runtimeFunction: functions[0].name == "ft_fiber_start" ? .start : nil)
      })
    let lines = FrameText(style: TextStyle(usesColor: true), detail: ReportDetail(showsRuntime: true)).lines(of: trace)
    let dim = lines.filter { $0.hasPrefix("\u{1b}[2m") }
    let names = ["ft_suspend", "thunk1", "CoreC3run", "library4", "ft_fiber_start"]
    #expect(lines.count == 10)
    #expect(dim.count == names.count)
    for (line, name) in zip(dim, names) { #expect(line.contains(name)) }
  }

  @Test func aSelectionThatMatchesNothingSaysWhichOne() throws {
    var selection = DumpSelection()
    selection.states = [.finished, .notStarted]
    selection.ids = [try #require(FiberIDs("77")), try #require(FiberIDs("80-99@x"))]
    selection.names = ["w\u{1b}*"]
    func lines() -> [Substring] {
      var text = ""
      TextReport(everyState().dump(selection: selection)).write(to: &text)
      return text.split(separator: "\n")
    }
    #expect(lines().contains("no fiber matches --state not-started,finished --id 77,80-99@x --name 'w\\u{1b}*'"))
    selection = DumpSelection()
    selection.ids = [try #require(FiberIDs("3"))]
    #expect(!lines().contains { $0.hasPrefix("no fiber") })
    selection.ids = [try #require(FiberIDs("#78-78"))]
    #expect(lines().contains("no fiber matches --id 78"))
  }

  @Test func aProcessWithoutFibersSaysSo() {
    var process = FakeProcess()
    process.addThread(4711, sp: 0x7fff_0000, .running([], sp: 0x7fff_0000))
    #expect(process.text().hasPrefix("program, process 4711: 1 thread, no fibers; stopped for 0.8 ms\n"))
  }

  @Test func framesLeftOutAreCountedWhereTheyWere() throws {
    var process = FakeProcess()
    let frames = (0..<1000).map { WalkedFrame.at(FakeCode.body, sp: 0x7f00_0000 + UInt64($0) * 16) }
    process.addThread(4711, sp: 0x7f00_0000, Walk(frames: frames, end: .outermost))
    try expectSnapshot(process.text(frameLimit: 8), "deep")
  }

  @Test func framesLeftOutAcrossABoundaryKeepTheBoundary() {
    var process = FakeProcess()
    process.fibers = (1...6).map { .fake($0, count: 1) }
    process.addThread(4711, sp: 0x60_f000, .running(process.fibers.reversed(), sp: 0x60_f000))
    let text = process.text(frameLimit: 4)
    for id in 2...6 { #expect(text.contains("fiber #\(id) resumed by fiber #\(id - 1) ")) }
    #expect(text.contains("fiber #1 resumed by thread 4711"))
  }

  @Test func whatRestsOnAScanIsMarkedAsTheGuessItIs() throws {
    var process = FakeProcess()
    var last = WalkedFrame.at(FakeCode.main, sp: 300)
    last.restsOnScan = true
    let frames = [.at(FakeCode.sleep, sp: 100), .at(FakeCode.body, sp: 200, found: .scan), last]
    process.addThread(4711, sp: 100, Walk(frames: frames, end: .outermost))
    let lines = process.text().split(separator: "\n")
    #expect(lines.contains { $0.contains("sleep") && !$0.contains("scan") })
    #expect(lines.contains { $0.contains("body(int)") && $0.hasSuffix("[found by scan]") })
    #expect(lines.contains { $0.contains("main") && $0.hasSuffix("[if the scan is right]") })
    #expect(try process.json().split(separator: #""restsOnScan":true"#).count == 2)
  }

  @Test func inlinedFunctionsShareTheNumberOfTheirFrame() {
    let location = Location(
      modulePath: "/bin/p", moduleOffset: 1,
      functions: [
        FunctionLocation(name: "a", rawName: "a", source: SourceLine(path: "/s/a.c", line: 1), isInlined: true),
        FunctionLocation(name: "b", rawName: "b", offset: 4, source: SourceLine(path: "/s/a.c", line: nil)),
      ])
    let lines = FrameText(style: TextStyle()).lines(of: Trace([location], found: .fp, end: .cycle))
    #expect(lines.contains("   0  a (inlined)  at /s/a.c:1"))
    #expect(lines.contains("   0  b            at /s/a.c (compiler-generated)  [by frame pointer]"))
    #expect(lines.last?.contains("cycle") == true)
  }

  @Test func onANarrowTerminalNamesGetHalfOfItAndLongerOnesPushTheirOwnLineAlone() {
    let trace = Trace(
      [10, 30, 50].map { width in
        Location(functions: [.named(String(repeating: "n", count: width), "/source/of/it.c", 7)])
      })
    /// Where places begin on each line.
    func places(_ columns: Int?) -> [Int] {
      FrameText(style: TextStyle(columns: columns)).lines(of: trace).compactMap { line in
        line.firstRange(of: " at /").map { line.distance(from: line.startIndex, to: $0.lowerBound) }
      }
    }
    #expect(places(nil) == [57, 57, 57])
    #expect(places(78) == [57, 57, 57])
    #expect(places(76) == [37, 37, 57])
    #expect(places(40) == [17, 37, 57])
  }

  @Test func namesFromTheProcessCannotDriveATerminal() {
    var process = FakeProcess()
    process.fibers = [.fake(1, name: "\u{1b}]0;owned\u{7}\u{202e}\n", count: 2)]
    process.fibers[0].waitReason = "\u{9b}31m"
    process.problems = [Problem("a\u{1b}[31m")]
    let text = process.text()
    #expect(text.contains(#"fiber #1 "\u{1b}]0;owned\u{7}\u{202e}\u{a}", suspended: \u{9b}31m"#))
    #expect(!text.unicodeScalars.contains { $0 != "\n" && $0.properties.generalCategory == .control })
  }

  @Test func longPathsLoseTheirFrontAndLongNamesTheirMiddle() {
    let line = SourceLine(path: "/home/someone/projects/server/Sources/Server/Connections/Accept.swift", line: 7)
    #expect(line.text(from: "/home/other") == "at .../Sources/Server/Connections/Accept.swift:7")
    #expect(line.text(from: "/home/someone/projects/server/Sources") == "at Server/Connections/Accept.swift:7")
    let name = String(repeating: "x", count: 5000)
    #expect(name.escapedForTerminal(limit: 400).count == 400)
  }

  @Test func quantitiesReadWell() {
    #expect([0, 512, 1024, 1330, 65536, 1 << 20].map(size) == ["0 B", "512 B", "1 KiB", "1.2 KiB", "64 KiB", "1 MiB"])
    #expect(milliseconds(.microseconds(40)) == "40 us")
    #expect(milliseconds(.microseconds(1260)) == "1.3 ms")
    #expect(milliseconds(.seconds(2)) == "2000 ms")
  }
}
