import Foundation
import TestSupport
import Testing

/// What README.md shows is what the release build prints.
@Suite struct ReadmeTests {
  /// Lines of the first block of the README, which shows a dump of `nested`.
  private static func shown() throws -> [String] {
    let text = try String(contentsOf: URL(filePath: "\(Package.root)/README.md"), encoding: .utf8)
    let lines = text.components(separatedBy: "\n")
    let start = try #require(lines.firstIndex(of: "```console"))
    let end = try #require(lines[start...].firstIndex(of: "```"))
    return Array(lines[(start + 1)..<end])
  }

  /// A line without what differs from run to run and from machine to machine: ids, times, and libc's frames with or without
  /// its debug information.
  private static func stable(_ line: String) -> String? {
    if line.contains("libc") { return nil }
    return
      line
      .replacing(/(process|pid|thread|dump) [0-9]+/) { "\($0.1) N" }
      .replacing(/stopped for .*/, with: "stopped for T")
      .replacing(/\ +/, with: " ")
  }

  @Test func theDumpShownIsThatOfTheReleaseBuild() throws {
    let shown = try Self.shown()
    let program = try RunningProgram(Package.release("nested"), "--pause")
    let result = try run(Package.release("fibertrace"), ["dump", program.argument], directory: Package.root)
    #expect(result.status == 0)
    var printed = result.output.components(separatedBy: "\n").compactMap(Self.stable)[...]
    let commands = shown.filter { $0.hasPrefix("$ ") }
    #expect(commands.map { Self.stable($0) } == ["$ nested --pause &", "$ fibertrace dump N"])
    // In the order shown; "[...]" stands for lines left out.
    let lines = shown.drop { !$0.hasPrefix("nested, ") }.filter { $0 != "[...]" && !$0.isEmpty }
    #expect(lines.count > 15)
    for line in lines.compactMap(Self.stable) {
      let index = printed.firstIndex(of: line)
      #expect(index != nil, "the release build does not print: \(line)")
      if let index { printed = printed[(index + 1)...] }
    }
  }

  @Test func theCommandsShownExist() throws {
    let text = try String(contentsOf: URL(filePath: "\(Package.root)/README.md"), encoding: .utf8)
    let commands = text.components(separatedBy: "\n").filter { $0.hasPrefix("$ Scripts/") }
    let scripts = commands.map { String($0.dropFirst(2)) }
    #expect(scripts == ["Scripts/demo", "Scripts/test", "Scripts/install"])
    for script in scripts {
      #expect(FileManager.default.isExecutableFile(atPath: "\(Package.root)/\(script)"))
    }
  }

  /// Addresses differ from build to build, and with them the width of their column.
  private static func withoutAddresses(_ line: String) -> String {
    line.replacing(/0x[0-9a-f]+/, with: "0x").replacing(#/^ +[0-9a-f]+  /#, with: "  ").replacing(/\+0x\]/, with: "]")
      .replacing(/\ +/, with: " ")
  }

  @Test func theListingShownIsThatOfTheReleaseBuild() throws {
    let text = try String(contentsOf: URL(filePath: "\(Package.root)/README.md"), encoding: .utf8)
    let lines = text.components(separatedBy: "\n")
    let start = try #require(lines.firstIndex(of: "$ fibertrace cfi nested --function ft_fiber_suspend"))
    let shown = lines[(start + 1)...].prefix { $0 != "```" }
    let result = try run(
      Package.release("fibertrace"), ["cfi", Package.release("nested"), "--function", "ft_fiber_suspend"])
    #expect(result.status == 0)
    #expect(shown.count > 15)
    #expect(
      shown.map(Self.withoutAddresses)
        == result.output.split(separator: "\n", omittingEmptySubsequences: false)
        .dropLast().map { Self.withoutAddresses(String($0)) })
  }

  @Test func theRefutationShownIsThatOfTheReleaseBuild() throws {
    let text = try String(contentsOf: URL(filePath: "\(Package.root)/README.md"), encoding: .utf8)
    let lines = text.components(separatedBy: "\n")
    let start = try #require(lines.firstIndex(of: "$ fibertrace verify wrong.o"))
    let shown = lines[(start + 1)...].prefix { $0 != "```" }
    let directory = try TemporaryDirectory()
    let source = "\(Package.root)/Tests/CommandTests/Programs/verify/wrong.s"
    #expect(try run("/usr/bin/gcc", ["-c", source, "-o", directory.file("wrong.o")]).succeeded)
    let result = try run(Package.release("fibertrace"), ["verify", "wrong.o"], directory: directory.path)
    #expect(result.status == 1)
    #expect(shown.joined(separator: "\n") + "\n" == result.output)
  }

  @Test func theDirectivesShownAreThoseOfTheReleaseBuild() throws {
    let text = try String(contentsOf: URL(filePath: "\(Package.root)/README.md"), encoding: .utf8)
    let lines = text.components(separatedBy: "\n")
    let command = "fibertrace cfi --synthesize wrong.o --function wrong --directives-only"
    let start = try #require(lines.firstIndex(of: "$ \(command)"))
    let shown = lines[(start + 1)...].prefix { $0 != "```" }
    let directory = try TemporaryDirectory()
    let source = "\(Package.root)/Tests/CommandTests/Programs/verify/wrong.s"
    #expect(try run("/usr/bin/gcc", ["-c", source, "-o", directory.file("wrong.o")]).succeeded)
    let words = command.split(separator: " ").dropFirst().map(String.init)
    let result = try run(Package.release("fibertrace"), words, directory: directory.path)
    #expect(result.status == 0)
    #expect(shown.joined(separator: "\n") + "\n" == result.output)
  }

  @Test func theCommandsOfTheArticleOnDebuggingWork() throws {
    let article = "\(Package.root)/Sources/FiberTrace/FiberTrace.docc/DebuggingFibers.md"
    let text = try String(contentsOf: URL(filePath: article), encoding: .utf8)
    let commands = text.components(separatedBy: "\n").filter { $0.hasPrefix("$ fibertrace ") }
    #expect(commands.count == 3)
    let program = try RunningProgram(Package.product("ring"), "--pause")
    for command in commands {
      let words = command.split(separator: " ").dropFirst(2).map { $0 == "PID" ? program.argument : String($0) }
      let result = try run(Package.product("fibertrace"), words)
      #expect(result.status == 0, "\(command)")
      #expect(result.output.contains("for the token"), "\(command)")
    }
  }
}
