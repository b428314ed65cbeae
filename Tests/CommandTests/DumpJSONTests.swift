import Foundation
import TestSupport
import Testing

@Suite struct DumpJSONTests {
  @Test func jsonSaysWhatTheTextSays() throws {
    let program = try RunningProgram(TestProgram.states.get())
    let text = DumpText(try fibertrace("dump", program.argument, "--all-frames").output)
    let result = try fibertrace("dump", program.argument, "--json")
    #expect(result.status == 0)
    let document = try DumpDocument(result.output)
    #expect(document.members["version"] as? Int == 1)
    let process = try #require(document.members["process"] as? [String: Any])
    #expect(process["id"] as? Int == Int(program.id))
    #expect(process["command"] as? String == "states")
    #expect(process["stoppedMilliseconds"] as? Double != nil)
    #expect(
      process["fibers"] as? [String: Int] == [
        "running": 2, "resuming": 1, "suspended": 1, "not started": 1, "finished": 1,
      ])

    let threads = document.objects("threads")
    #expect(threads.count == 2)
    for thread in threads {
      let id = try #require(thread["id"] as Int?)
      #expect(thread.functions == text.functions("thread \(id)").filter { $0 != "|" })
    }
    let fibers = document.objects("fibers")
    #expect(fibers.count == 6)
    for fiber in fibers {
      let name = try #require(fiber["name"] as String?)
      let title = try #require(text.section(name)?.title)
      let state = try #require(fiber["state"] as String?)
      #expect(title.contains(", \(state)"))
      if fiber["thread"] as Int? == nil { #expect(fiber.functions == text.functions(name)) }
    }
    let inner = try #require(document.fiber("inner"))
    #expect(inner.functions.last == "ft_fiber_start")
    #expect(inner["resumer"] == ["fiber": 6, "registry": 0])
    #expect(document.fiber("outer")?["resumes"] == ["fiber": 5, "registry": 0])
    #expect(document.fiber("ticking")?["waitReason"] == "for the next tick")
    let frame = try #require(inner.frames.first { $0["function"] == "descend" })
    #expect((frame["file"] as String?)?.hasSuffix("/states.c") == true)
    #expect(frame["line"] as Int? != nil)
    #expect((frame["pc"] as String?)?.hasPrefix("0x") == true)
    #expect(frame["found"] == "cfi")
    #expect((frame["module"] as String?)?.hasSuffix("/states") == true)
    #expect(inner.frames.contains { $0["function"] == "ft_resume" } == false)
    let outer = try #require(document.fiber("outer"))
    #expect(outer.frames.contains { $0["function"] == "ft_resume" && $0["inlined"] == true })
  }

  @Test func groupsOfJSONHaveEveryFiberOnce() throws {
    let program = try RunningProgram(TestProgram.states.get(), "many")
    let document = try DumpDocument(try fibertrace("dump", program.argument, "--json", "--group").output)
    #expect(document.members["fibers"] == nil)
    var seen: Set<Int> = []
    var total = 0
    for group in document.objects("fiberGroups") {
      let ids = (group["ids"] as [[Int]]? ?? []).flatMap { Array($0[0]...$0[1]) }
      #expect(group["count"] == ids.count)
      seen.formUnion(ids)
      total += ids.count
    }
    #expect(total == 2006 && seen.count == 2006)
    #expect(document.objects("fiberGroups").first?["count"] as Int? ?? 0 >= 2000)
    #expect(document.objects("threadGroups").count == 2)
  }

  @Test func hostileNamesAreWholeInJSON() throws {
    let program = try RunningProgram(TestProgram.states.get(), "escape")
    let result = try fibertrace("dump", program.argument, "--json")
    #expect(try DumpDocument(result.output).fiber("\u{1b}]0;owned\u{7}\u{1b}[31m") != nil)
    #expect(result.output.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f || $0 == 0x0a })
  }

  @Test func aDeletedAndAReplacedProgramAreNamed() throws {
    let directory = try TemporaryDirectory()
    try FileManager.default.copyItem(atPath: TestProgram.states.get(), toPath: directory.file("gone"))
    let program = try RunningProgram(directory.file("gone"))
    try FileManager.default.removeItem(atPath: directory.file("gone"))
    for isReplaced in [false, true] {
      if isReplaced { try FileManager.default.copyItem(atPath: "/bin/sh", toPath: directory.file("gone")) }
      let text = try fibertrace("dump", program.argument)
      #expect(text.status == 0)
      #expect(text.lines.contains { $0.hasPrefix("note: \(directory.file("gone")) was deleted or replaced") })
      #expect(text.output.contains(" wait_for_tick "))
      let document = try DumpDocument(try fibertrace("dump", program.argument, "--json").output)
      #expect(document.strings("notes").contains { $0.hasPrefix("\(directory.file("gone")) was deleted or replaced") })
      let module = try #require(document.objects("modules").first { $0["path"] == directory.file("gone") })
      #expect(module["deleted"] == true)
      #expect(document.objects("modules").count { $0["deleted"] as Bool? != nil } == 1)
    }
  }

  @Test func problemsAreInTheDocumentAndTheExitCode() throws {
    let program = try RunningProgram(TestProgram.states.get(), "record")
    let result = try fibertrace("dump", program.argument, "--json")
    #expect(result.status == 1)
    let document = try DumpDocument(result.output)
    #expect((document.fiber("ticking")?["defect"] as String?)?.contains("0x4141414141414141") == true)
    #expect(!document.strings("problems").isEmpty)
  }
}
