import Foundation
import TestSupport
import Testing

/// The pages of Docs/man, which Scripts/install installs.
@Suite struct ManualPageTests {
  private static let names = [
    "fibertrace", "fibertrace-dump", "fibertrace-core", "fibertrace-gdbstub", "fibertrace-cfi", "fibertrace-verify",
  ]

  private static func pages() throws -> [ManualPage] {
    let help = try fibertrace("--experimental-dump-help").output
    let command = try JSONDecoder().decode(Help.Document.self, from: Data(help.utf8)).command
    let version = try fibertrace("--version").output.trimmingCharacters(in: .newlines)
    return ([command] + (command.subcommands ?? []).filter { $0.commandName != "help" })
      .map { ManualPage(command: $0, version: version) }
  }

  /// A page that is missing is written, for review: remove those that the help has outgrown.
  @Test func theyAreMadeOfTheHelp() throws {
    let pages = try Self.pages()
    #expect(pages.map(\.name) == Self.names)
    for page in pages {
      let file = URL(filePath: "\(Package.root)/Docs/man/\(page.name).1")
      guard let text = try? String(contentsOf: file, encoding: .utf8) else {
        try Data(page.text.utf8).write(to: file)
        Issue.record("\(file.path) was missing and has been written: review it")
        continue
      }
      let isSame = text == page.text
      #expect(isSame, "remove \(file.path), run this test again and review it")
    }
  }

  @Test(arguments: names)
  func manPrintsThemWithoutAWarning(name: String) throws {
    let page = "\(Package.root)/Docs/man/\(name).1"
    let result = try run(
      "/usr/bin/man", ["--warnings", "--local-file", page], environment: ["MANWIDTH": "80", "MANPAGER": "cat"])
    #expect(result.status == 0)
    #expect(result.errors == "")
    // Bold and underlined by overstriking.
    let text = result.output.replacing(/.\x08/, with: "").replacing(/\x1b\[[0-9;]*m/, with: "")
    for title in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "SEE ALSO"] {
      #expect(text.contains("\n\(title)\n"), "no \(title)")
    }
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(!text.contains("\\"))
    if name == "fibertrace-dump" {
      #expect(text.contains("-n, --frames count\n"))
      #expect(text.contains("fibertrace dump 4711 --json | jq '.fibers[].state'"))
      #expect(text.contains("\n       64     wrong usage.\n"))
    }
  }
}
