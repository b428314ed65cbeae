import Foundation
import TestSupport
import Testing

/// Swift's names in `bt`.
@Suite struct SwiftTraceTests {
  /// Functions of the frames that are functions', by their traces.
  private func functions(_ text: GdbText) -> [[String]] {
    text.traces.map { trace in
      trace.map(\.frame).filter { $0.level > 0 && !$0.function.hasPrefix("──") && !$0.function.hasPrefix("<") }
        .map(\.function).filter { $0 != "ft_fiber_not_running" }
    }
  }

  /// What the script makes of names.
  private func readable(_ names: Set<String>) async throws -> [String: String] {
    let directory = try TemporaryDirectory()
    try names.sorted().joined(separator: "\n").write(
      toFile: directory.file("names"), atomically: true, encoding: .utf8)
    let session = try await GdbSession.run(
      .nothing, script: true, "python from fibertrace_gdb.swift_names import readable",
      "python for name in open('\(directory.file("names"))').read().split('\\n'): print(readable(name))")
    try #require(session.last.lines.count == names.count, "\(session.whole)")
    return Dictionary(uniqueKeysWithValues: zip(names.sorted(), session.last.lines))
  }

  @Test func namesAreReadableAndTheRestIsAsGdbHasIt() async throws {
    let program = try RunningProgram(Package.product("crowd"), "--fibers", "40", "--pause")
    let session = try await GdbSession.run(
      .process(program.id), script: true, "set width 0", "fiber apply all -q bt",
      "fiber apply all -q bt -no-filters", "info fibers", "set fibertrace swift-names off",
      "show fibertrace swift-names", "fiber apply all -q bt", "info fibers", "source \(GdbSession.script)",
      "show fibertrace", "set fibertrace swift-names on", "fiber apply all -q bt")
    let shown = functions(session[1])
    let mangled = functions(session[2])
    try #require(shown.count > 20 && mangled.count == shown.count, "\(session.whole)")
    let names = try await readable(Set(mangled.joined()))
    #expect(shown == mangled.map { $0.map { names[$0] ?? "" } })
    #expect(shown.joined().contains("crowd.sail") && mangled.joined().contains { $0.hasPrefix("$s5crowd4sail") })
    // Frames that are not functions', arguments and lines stay.
    func others(_ text: GdbText) -> [String?] {
      text.frames.filter { $0.level > 0 && $0.function.contains("crowd") }.map { "\($0.arguments) \($0.place ?? "")" }
    }
    #expect(others(session[1]).count > 40 && others(session[1]) == others(session[2]))
    // Off, and so after the script was loaded again.
    #expect(functions(session[6]) == mangled)
    #expect(session[3].contains("crowd.") && !session[7].contains("crowd.") && session[7].contains("$s5crowd"))
    #expect(session[5].lines == session[9].lines && session[5].contains("is off"), "\(session[5])")
    #expect(functions(session[11]) == shown)
  }

  @Test func theSettingIsDocumentedAndStrict() async throws {
    let session = try await GdbSession.run(
      .nothing, script: true, "show fibertrace", "help set fibertrace swift-names", "set fibertrace swift-names maybe",
      "set fibertrace bogus", "show fibertrace swift-names")
    #expect(session[0].lines.count == 1 && session[0].contains("is on"), "\(session.whole)")
    #expect(session[1].contains("break") && session[1].contains("mangled"), "\(session.whole)")
    #expect(session[2].lines.count == 1 && session[3].lines.count == 1, "\(session.whole)")
    #expect(session[4].lines == session[0].lines, "\(session.whole)")
  }

  @Test func breakpointsTakeMangledNamesAndLines() async throws {
    let path = try Package.product("crowd")
    let file = try String(contentsOfFile: "\(Package.root)/Examples/crowd/Passages.swift", encoding: .utf8)
    let line = try #require(file.components(separatedBy: "\n").firstIndex { $0.contains("func castOff(") }) + 2
    let symbol = try #require(
      try await CommandQueue.run("nm", [path]).lines.compactMap { $0.split(separator: " ").last }
        .first { $0.hasPrefix("$s5crowd7castOff") && $0.hasSuffix("F") })
    let session = try await GdbSession.run(
      .program(path), script: true, "break \(symbol)", "break Passages.swift:\(line)", "info breakpoints")
    #expect(session[0].contains("Breakpoint 1") && session[0].contains("Passages.swift"), "\(session.whole)")
    #expect(session[1].contains("Breakpoint 2") && session[2].contains("\(symbol)"), "\(session.whole)")
  }
}
