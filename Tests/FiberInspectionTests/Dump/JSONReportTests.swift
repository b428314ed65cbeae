import Foundation
import Testing

@testable import FiberInspection

@Suite struct JSONReportTests {
  private func document(_ process: FakeProcess, groups: StackComparison? = nil) throws -> [String: Any] {
    let json = try process.json(groups: groups)
    return try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
  }

  private func functions(_ object: [String: Any]) -> [String] {
    (object["frames"] as? [[String: Any]] ?? []).map { $0["function"] as? String ?? $0["pc"] as? String ?? "?" }
  }

  private func nested() -> FakeProcess {
    var process = FakeProcess()
    process.fibers = [
      .fake(1, name: "outer", count: 1).with { $0.creator = FakeCode.main + 8 }, .fake(2, count: 5),
      .fake(3, count: 2).with { $0.waitReason = "for the next tick" }, .fake(4, count: 2, saved: 0x41414141),
    ]
    process.walks[process.fibers[2].savedStackPointer] = .suspended(process.fibers[2])
    process.addThread(4711, sp: 0x20_f000, .running([process.fibers[1], process.fibers[0]], sp: 0x20_f000))
    process.problems = [Problem("something"), Problem("something")]
    process.mappings = [
      Mapping(
        range: 0x1000..<0x9000, fileOffset: 0, path: "/usr/bin/program", isWritable: false, isExecutable: true,
        isDeleted: true)
    ]
    process.modules = [
      Module(
        path: "/usr/bin/program", range: 0x1000..<0x9000, bias: 0x1000, buildID: [0xab, 1],
        image: .missing(reason: "it is gone"))
    ]
    return process
  }

  @Test func theDocumentHasWhatTheDumpHas() throws { try expectSnapshot(nested().json(), "nested.json") }

  @Test func everyFiberHasItsOwnFramesAndAThreadTheFramesOfAllOnIt() throws {
    let document = try document(nested())
    let threads = try #require(document["threads"] as? [[String: Any]])
    let fibers = try #require(document["fibers"] as? [[String: Any]])
    #expect(
      functions(threads[0]) == [
        "sleep", "body(int)", "ft_fiber_start", "ft_fiber_resume", "body(int)", "ft_fiber_start", "ft_fiber_resume",
        "main",
      ])
    #expect((threads[0]["stacks"] as? [[String: Any]])?.map { $0["frames"] as? Int } == [3, 3, 2])
    #expect(functions(fibers[1]) == ["sleep", "body(int)", "ft_fiber_start"])
    #expect(functions(fibers[0]) == ["ft_fiber_resume", "body(int)", "ft_fiber_start"])
    #expect(fibers[3]["defect"] is String)
    #expect(functions(fibers[3]) == [])
  }

  @Test func problemsThatRepeatAreCounted() throws {
    #expect(try document(nested())["problems"] as? [String] == ["something (2 times)"])
  }

  @Test func deletedFilesAreNamedInNotesAndModules() throws {
    let document = try document(nested())
    #expect((document["notes"] as? [String])?.first?.hasPrefix("/usr/bin/program was deleted or replaced") == true)
    let module = try #require((document["modules"] as? [[String: Any]])?.first)
    #expect(module["deleted"] as? Bool == true)
    #expect(module["missing"] as? String == "it is gone")
    #expect(module["buildID"] as? String == "ab01")
  }

  @Test(arguments: ["\u{1b}]0;owned\u{7}", "a\"\\b\n\r\u{0}", "\u{9b}31m\u{202e}\u{2028}", "\u{fffd}\u{10ffff}"])
  func hostileNamesComeBackAndDriveNoTerminal(_ name: String) throws {
    var process = nested()
    process.fibers[0].name = name
    process.fibers[2].waitReason = name
    process.threads[0].name = name
    process.problems = [Problem(name)]
    let json = try process.json()
    let scalars = json.unicodeScalars
    #expect(scalars.allSatisfy { $0 == "\n" || !$0.isUnprintable })
    let document = try document(process)
    #expect((document["fibers"] as? [[String: Any]])?[0]["name"] as? String == name)
    #expect((document["fibers"] as? [[String: Any]])?[2]["waitReason"] as? String == name)
    #expect((document["threads"] as? [[String: Any]])?[0]["name"] as? String == name)
    #expect(document["problems"] as? [String] == [name])
  }

  @Test func hostileFunctionsComeBackAndInlinedOnesAreMarked() throws {
    let location = Location(
      modulePath: "/tmp/\u{1b}m", moduleOffset: 1,
      functions: [
        FunctionLocation(
          name: "in\u{202e}", rawName: "x", source: SourceLine(path: "/s/\n.c", line: 7), isInlined: true),
        FunctionLocation(name: "out", rawName: "y", offset: 4, source: SourceLine(path: "/s/o.c", line: nil)),
      ])
    var json = JSONStream(Pieces())
    var frames = FrameJSON(detail: ReportDetail())
    json.beginObject()
    try frames.write(Trace([location, Location()], found: .fp, end: .cycle), to: &json)
    json.endObject()
    let data = Data(json.finish().bytes)
    let object = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    let list = try #require(object["frames"] as? [[String: Any]])
    #expect(list.count == 3)
    #expect(list.map { $0["pc"] as? String } == ["0x100008", "0x100008", "0x100108"])
    #expect(list.map { $0["inlined"] as? Bool } == [true, nil, nil])
    #expect(list.map { $0["function"] as? String } == ["in\u{202e}", "out", nil])
    #expect(list.map { $0["file"] as? String } == ["/s/\n.c", "/s/o.c", nil])
    #expect(list.map { $0["line"] as? Int } == [7, nil, nil])
    #expect(list.map { $0["offset"] as? Int } == [nil, 5, nil])
    #expect(list.allSatisfy { $0["found"] as? String == "fp" })
    #expect((object["endsEarly"] as? String)?.contains("cycle") == true)
  }

  @Test func framesLeftOutAreCounted() throws {
    var process = FakeProcess()
    let frames = (0..<1000).map { WalkedFrame.at(FakeCode.body, sp: 0x7f00_0000 + UInt64($0) * 16) }
    process.addThread(4711, sp: 0x7f00_0000, Walk(frames: frames, end: .outermost))
    let output = try JSONReport(process.dump(frameLimit: 8)).write(to: Pieces())
    let document = try #require(JSONSerialization.jsonObject(with: Data(output.bytes)) as? [String: Any])
    let thread = try #require((document["threads"] as? [[String: Any]])?.first)
    #expect(functions(thread).count == 8)
    #expect(thread["omitted"] as? [String: Int] == ["after": 6, "frames": 992])
  }
}
