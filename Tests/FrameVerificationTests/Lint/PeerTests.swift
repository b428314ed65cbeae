import Foundation
import FrameVerification
import TestSupport
import Testing

/// Another tool that reads call frame information.
private struct Peer: Sendable {
  /// The heading of its column.
  let name: String
  /// Programs with their options: what one of them says counts.
  let commands: [[String]]
  /// What in a line of its standard output says that something is wrong. Empty: every line that a sound file does not have.
  var signs: [String] = []
  /// Any difference on standard output counts.
  var countsEveryLine = false

  static let all = [
    Peer(
      name: "readelf", commands: [["readelf", "-wf"], ["readelf", "-wF"]],
      signs: ["Mismatched", "corrupt", "bad register", "User defined", "Unknown", "cie=invalid"]),
    Peer(
      name: "eu-readelf", commands: [["eu-readelf", "--debug-dump=frames"]],
      signs: ["???", "INVALID", "TRUNCATED", "invalid"]),
    Peer(name: "eu-elflint", commands: [["eu-elflint", "--gnu-ld"]], countsEveryLine: true),
    Peer(name: "llvm-dwarfdump --verify", commands: [["llvm-dwarfdump-14", "--verify"]], countsEveryLine: true),
    Peer(
      name: "llvm-dwarfdump", commands: [["llvm-dwarfdump-14", "--eh-frame"], ["llvm-dwarfdump-14", "--debug-frame"]]),
  ]

  /// What it prints of a file that says that something is wrong, if it is not said of a sound file too.
  func remarks(on path: String) throws -> Set<String> {
    func lines(_ text: String) -> [String] {
      text.split(separator: "\n").map { String($0).replacing(path, with: "FILE") }
    }
    var remarks: Set<String> = []
    for words in commands {
      let result = try run("/usr/bin/\(words[0])", Array(words.dropFirst()) + [path], environment: ["LC_ALL": "C"])
      let output = lines(result.output).filter { line in countsEveryLine || signs.contains { line.contains($0) } }
      remarks.formUnion(output + lines(result.errors))
    }
    return remarks
  }
}

@Suite struct PeerTests {
  @Test func `other tools notice what the table of rules says`() throws {
    let directory = try TemporaryDirectory()
    func write(_ image: FixtureImage, _ name: String) throws -> String {
      let path = directory.file(name)
      try Data(image.bytes).write(to: URL(filePath: path))
      return path
    }
    var sound = FixtureImage()
    sound.describeAll()
    let soundPath = try write(sound, "sound")
    let fixtures = try LintFixture.all.enumerated().map { (rule: $1.rule, path: try write($1.image, "fixture\($0)")) }

    var cells: [String: [String]] = [:]
    for peer in Peer.all {
      let usual = try peer.remarks(on: soundPath)
      for rule in Rule.lint {
        let own = fixtures.filter { $0.rule == rule.id }
        let noticed = try own.filter { try !peer.remarks(on: $0.path).subtracting(usual).isEmpty }.count
        let cell = noticed == 0 ? "–" : noticed == own.count ? "yes" : "\(noticed) of \(own.count)"
        cells[rule.id, default: []].append(cell)
      }
    }
    let header =
      "| rule | severity | \(Peer.all.map(\.name).joined(separator: " | ")) |\n|---|---|---|---|---|---|---|\n"
    let rows = Rule.lint.map { rule in
      "| [\(rule.id)](\(rule.id).md) | \(rule.severity.rawValue) | \(cells[rule.id, default: []].joined(separator: " | ")) |"
    }
    let table = header + rows.joined(separator: "\n") + "\n"
    let page = try String(contentsOfFile: "\(Package.root)/Docs/rules/README.md", encoding: .utf8)
    #expect(page.contains(table), "the table should be:\n\(table)")
  }
}
