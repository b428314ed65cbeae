import Foundation
import TestSupport
import Testing

@Suite struct DumpOptionsTests {
  @Test func sectionsAndConditionsChooseWhatIsShown() throws {
    let program = try RunningProgram(TestProgram.states.get())
    func titles(_ options: String...) throws -> [String] {
      let result = try run(Package.product("fibertrace"), ["dump", program.argument] + options)
      #expect(result.status == 0, "\(result.errors)")
      return DumpText(result.output).sections.dropFirst().map { String($0.title.prefix { $0 != "," }) }
    }
    let threads = try titles("--threads")
    #expect(threads.count == 2 && threads.allSatisfy { $0.hasPrefix("thread ") })
    let fibers = try titles("--fibers")
    #expect(fibers.count == 6 && fibers.allSatisfy { $0.hasPrefix("fiber ") })
    #expect(try titles("--fibers", "--threads") == titles())
    #expect(try titles("--state", "not-started,finished").count == 2)
    #expect(try titles("--state", "not started", "--state", "suspended").count == 2)
    #expect(try titles("--id", "1,3-4").map { $0.prefix(8) } == ["fiber #1", "fiber #3", "fiber #4"])
    #expect(try titles("--name", "*ing") == [#"fiber #2 "ticking""#])
    #expect(try titles("--name", "in*", "--state", "running") == [#"fiber #5 "inner""#])
    #expect(try titles("--id", "1", "--threads", "--fibers").count == 3)
    #expect(try titles("--id", "77") == ["no fiber matches --id 77"])
  }

  @Test(arguments: [
    (["--threads", "--id", "3"], "--threads shows none"), (["--json", "--folded"], "two forms of output"),
    (["--group", "--folded"], "leave --group out"), (["--json", "--color", "always"], "--color is for text"),
    (["--json", "--all-frames"], "leave --all-frames out"), (["--folded", "--no-source"], "leave --no-source out"),
    (["--id", "seven"], "'seven' is no id"), (["--id", "5-3"], "'5-3' is no id"), (["--id", "1,,2"], "'' is no id"),
    (
      ["--state", "asleep"],
      "a state is one of running, resuming, switching, suspended, not-started, finished, abandoned, not-found"
    ),
    (["--color", "maybe"], "'auto', 'always' or 'never'"),
  ])
  func wrongUsageIsOneLineThatSaysWhatToDo(_ options: [String], _ words: String) throws {
    let result = try run(Package.product("fibertrace"), ["dump", "1"] + options)
    #expect(result.status == 64)
    #expect(result.output == "")
    let message = try #require(result.errors.split(separator: "\n").first)
    #expect(message.hasPrefix("Error: "))
    #expect(message.contains(words), "\(message)")
  }

  @Test func colorFollowsTheOption() throws {
    let program = try RunningProgram(TestProgram.states.get())
    #expect(try fibertrace("dump", program.argument, "--color=always").output.contains("\u{1b}[1m"))
    let forced = try fibertrace("dump", program.argument, "--color=always", environment: ["NO_COLOR": "1"])
    #expect(forced.output.contains("\u{1b}[1m"))
    let command = "\(try Package.product("fibertrace")) dump --color=never \(program.id)"
    let plain = try run("/usr/bin/script", ["-qec", command, "/dev/null"], environment: ["TERM": "xterm"])
    #expect(plain.output.contains("thread \(program.id)"))
    #expect(!plain.output.contains("\u{1b}"))
  }

  @Test func inlinedFunctionsAndSourcesCanBeLeftOut() throws {
    let program = try RunningProgram(TestProgram.states.get())
    let all = try fibertrace("dump", program.argument, "--all-frames").output
    #expect(all.contains("ft_resume (inlined)") && all.contains("states.c:"))
    let some = try fibertrace("dump", program.argument, "--all-frames", "--no-inlines", "--no-source").output
    #expect(!some.contains(" (inlined)"))
    let frames = DumpText(some).section("thread ")?.lines ?? []
    #expect(frames.contains { $0.contains("outer_body + 0x") && $0.hasSuffix("in states") })
    #expect(frames.allSatisfy { !$0.contains("states.c:") })
  }

  @Test func groupsOfTextHaveEveryFiberOnce() throws {
    let program = try RunningProgram(TestProgram.states.get(), "many")
    let result = try fibertrace("dump", program.argument, "--group", "--fibers")
    #expect(result.status == 0)
    let sections = DumpText(result.output).sections.dropFirst()
    #expect(
      sections.first?.title == "2001 fibers, suspended: for the next tick"
        || sections.first?.title.hasPrefix("2000 fibers") == true)
    let counts = sections.map { $0.title.firstMatch(of: /^([0-9]+) fibers/).flatMap { Int($0.1) } ?? 1 }
    #expect(counts.reduce(0, +) == 2006)
    #expect(result.output.utf8.count < 20_000)
  }

  /// The runtime's frames are one line, which the limit does not count.
  @Test func theInnermostFramesTellWhoWaitsWhere() throws {
    let program = try RunningProgram(TestProgram.states.get(), "many")
    let result = try fibertrace("dump", program.argument, "--group", "--fibers", "-n", "1", "--no-inlines")
    #expect(result.status == 0)
    let group = try #require(DumpText(result.output).sections.dropFirst().first)
    #expect(group.title.hasPrefix("2001 fibers, suspended"))
    #expect(group.lines.contains { $0.contains("wait_for_tick") }, "\(result.output)")
    #expect(group.lines.last?.contains("frames not shown") == true, "\(result.output)")
    #expect(try fibertrace("dump", "--help").output.contains("who waits where"))
  }

  /// What a flame graph reads: everything before the last space is a stack, what follows it a count.
  @Test func foldedStacksParse() throws {
    let program = try RunningProgram(TestProgram.states.get(), "many")
    let result = try fibertrace("dump", program.argument, "--folded")
    #expect(result.status == 0)
    var stacks: [String: Int] = [:]
    for line in result.lines {
      let space = try #require(line.lastIndex(of: " "))
      let count = try #require(Int(line[line.index(after: space)...]))
      #expect(stacks.updateValue(count, forKey: String(line[..<space])) == nil)
    }
    #expect(stacks["ticking_body;wait_for_tick"] == 2001)
    // 2,001 suspended fibers and two threads, each with the fibers on it.
    #expect(stacks.values.reduce(0, +) == 2003)
    let main = try #require(stacks.keys.first { $0.contains(";main;") })
    #expect(main.contains(";main;outer_body;inner_body;descend;descend;descend;stand"))
  }

  /// The reader of the output takes its time, so that the dump takes over a second whatever the machine.
  @Test func progressIsOneLineOnATerminalAndIsErased() throws {
    let program = try RunningProgram(TestProgram.states.get(), "many")
    let directory = try TemporaryDirectory()
    let command = "\(try Package.product("fibertrace")) dump --json \(program.id)"
    func errors(_ redirection: String) throws -> String {
      let script = "(\(command) \(redirection)) | (sleep 1.5; cat > \(directory.file("out")))"
      let result = try run("/usr/bin/script", ["-qec", script, "/dev/null"], environment: ["TERM": "xterm"])
      #expect(
        try DumpDocument(String(contentsOfFile: directory.file("out"), encoding: .utf8)).objects("fibers").count == 2006
      )
      return result.output
    }
    let shown = try errors("")
    #expect(shown.contains(/\r\u{1b}\[Kwriting [0-9,]+ of 2,006 fibers/))
    #expect(shown.hasSuffix("\r\u{1b}[K"))
    #expect(!shown.contains("\n"))
    #expect(try errors("2> \(directory.file("errors"))") == "")
    #expect(try String(contentsOfFile: directory.file("errors"), encoding: .utf8) == "")
  }
}
