import Foundation
import TestSupport
import Testing

/// Docs/dump-json.md, held against what the command writes.
@Suite struct DocumentedJSONTests {
  private static func page() throws -> String {
    try String(contentsOf: URL(filePath: "\(Package.root)/Docs/dump-json.md"), encoding: .utf8)
  }

  /// Without what differs from run to run and from build to build: addresses, ids, times, sizes of code and frames.
  private static func stable(_ text: String) -> String {
    text.replacing(Package.root, with: "/src/fibertrace")
      .replacing(/"0x[0-9a-f]+"/, with: "\"0x\"")
      .replacing(/"(offset|stackUsed|thread)":[0-9]+/) { "\"\($0.1)\":0" }
  }

  private static func jsonBlock() throws -> String {
    let lines = try page().components(separatedBy: "\n")
    let start = try #require(lines.firstIndex(of: "```json"))
    let end = try #require(lines[start...].firstIndex(of: "```"))
    return lines[(start + 1)..<end].joined(separator: "\n")
  }

  @Test func theExampleIsWhatTheReleaseBuildWrites() throws {
    #expect(try Self.page().contains("$ fibertrace dump 4711 --json --no-inlines --id 3\n"))
    let program = try RunningProgram(Package.release("nested"), "--pause")
    let result = try run(
      Package.release("fibertrace"), ["dump", program.argument, "--json", "--no-inlines", "--id", "3"])
    #expect(result.status == 0)
    let shown = try DumpDocument(Self.stable(Self.jsonBlock()))
    let written = try DumpDocument(Self.stable(result.output))
    #expect(Set(shown.members.keys) == Set(written.members.keys))
    #expect(shown.members["version"] as? Int == written.members["version"] as? Int)
    for key in ["process", "registries", "modules"] {
      let (one, other) = try (#require(shown.firstObject(key)), #require(written.firstObject(key)))
      #expect(Set(one.keys) == Set(other.keys))
    }
    let (one, other) = try (#require(shown.fiber("inner")), #require(written.fiber("inner")))
    // libc's frames have names of files only where its debug information is installed.
    func own(_ fiber: DumpDocument.Object) -> NSArray {
      fiber.frames.filter { ($0["module"] as String?)?.contains("libc") == false }.map(\.members) as NSArray
    }
    #expect(own(one).count >= 6)
    #expect(own(one) == own(other))
    func head(_ fiber: DumpDocument.Object) -> NSDictionary {
      fiber.members.filter { $0.key != "frames" } as NSDictionary
    }
    #expect(head(one) == head(other))
  }

  @Test func everyMemberThatIsWrittenIsDocumented() throws {
    let page = try Self.page()
    for harm in ["", "record", "garbage", "many", "handled"] {
      let program = try RunningProgram(TestProgram.states.get(), harm)
      for options in [[], ["--group"], ["-n", "3"]] {
        let result = try run(Package.product("fibertrace"), ["dump", program.argument, "--json"] + options)
        for key in try DumpDocument(result.output).keys {
          #expect(page.contains("`\(key)`"), "\(key) is not documented")
        }
      }
    }
  }
}

extension DumpDocument {
  /// An object that is a member, or the first of a member's.
  fileprivate func firstObject(_ key: String) -> [String: Any]? {
    members[key] as? [String: Any] ?? (members[key] as? [[String: Any]])?.first
  }
}
