import Foundation

/// A command's manual page, made of what the command says of itself.
struct ManualPage {
  let command: Help.Command
  let version: String

  /// `fibertrace dump` has the page fibertrace-dump(1).
  private var words: [String] { (command.superCommands ?? []) + [command.commandName] }
  var name: String { words.joined(separator: "-") }

  /// Its source, for man(1).
  var text: String {
    var lines = [
      ".\\\" Made of fibertrace's own help by Tests/CommandTests; see ManualPageTests.swift.",
      ".TH \(escaped(name.uppercased())) 1 \"\" \"\(escaped(version))\" \"User Commands\"", ".SH NAME",
      "\(escaped(name)) \\- \(prose(summary))",
    ]
    lines += [".SH SYNOPSIS", synopsis]
    let paragraphs = (command.discussion ?? "").components(separatedBy: "\n\n")
    lines += section("DESCRIPTION", paragraphs.filter { !isList($0) })
    lines += commands + options
    lines += paragraphs.flatMap { $0.hasPrefix("Exit codes: ") ? exitStatus($0) : [] }
    lines += paragraphs.flatMap { $0.hasPrefix("Examples:") ? examples($0) : [] }
    lines += [".SH SEE ALSO", seeAlso]
    return lines.joined(separator: "\n") + "\n"
  }

  private var summary: String {
    let text = command.abstract.hasSuffix(".") ? String(command.abstract.dropLast()) : command.abstract
    return text.prefix(1).lowercased() + text.dropFirst()
  }

  private var synopsis: String {
    let rest = (command.arguments ?? []).filter { $0.kind == "positional" }.map { "\\fI\(escaped($0.valueName))\\fR" }
    let command = "\\fB\(words.map(escaped).joined(separator: " "))\\fR"
    if !subcommands.isEmpty { return "\(command) \\fIcommand\\fR [\\fIoptions\\fR]" }
    return ([command, "[\\fIoptions\\fR]"] + rest).joined(separator: " ")
  }

  private var subcommands: [Help.Command] { (command.subcommands ?? []).filter { $0.commandName != "help" } }

  private var seeAlso: String {
    let others =
      subcommands.isEmpty ? [words.dropLast().joined(separator: "-")] : subcommands.map { "\(name)-\($0.commandName)" }
    return (others + ["gdb", "gcore", "elf"]).map { page in
      "\\fB\(escaped(page))\\fR(\(page == "elf" ? 5 : 1))"
    }.joined(separator: ",\n")
  }

  private var commands: [String] {
    guard !subcommands.isEmpty else { return [] }
    return [".SH COMMANDS"]
      + subcommands.flatMap {
        [
          ".TP", "\\fB\(escaped($0.commandName))\\fR", prose($0.abstract),
          "See \\fB\(escaped("\(name)-\($0.commandName)"))\\fR(1).",
        ]
      }
  }

  /// Arguments first, then options under the titles that the help has.
  private var options: [String] {
    let shown = (command.arguments ?? []).filter(\.shouldDisplay)
    let positional = shown.filter { $0.kind == "positional" }
    let rest = shown.filter { $0.kind != "positional" }
    var lines: [String] = positional.isEmpty ? [] : [".SH ARGUMENTS"] + positional.flatMap(entry)
    var titles: [String?] = []
    for option in rest where !titles.contains(option.sectionTitle) { titles.append(option.sectionTitle) }
    if !rest.isEmpty { lines.append(".SH OPTIONS") }
    for title in titles {
      if let title { lines.append(".SS \(prose(title))") } else if titles.count > 1 { lines.append(".SS Other") }
      lines += rest.filter { $0.sectionTitle == title }.flatMap(entry)
    }
    return lines
  }

  private func entry(_ argument: Help.Argument) -> [String] {
    let value = argument.kind == "flag" ? "" : "\\fI\(escaped(argument.valueName))\\fR"
    let names = (argument.names ?? []).map { "\\fB\(escaped(($0.kind == "long" ? "--" : "-") + $0.name))\\fR" }
    let tag = [names.joined(separator: ", "), value].filter { !$0.isEmpty }.joined(separator: " ")
    var text = prose([argument.abstract, argument.discussion].compactMap(\.self).joined(separator: " "))
    if let initial = argument.defaultValue { text += "\nDefault: \\fB\(escaped(initial))\\fR." }
    return [".TP", tag, text]
  }

  private func isList(_ paragraph: String) -> Bool {
    paragraph.hasPrefix("Exit codes: ") || paragraph.hasPrefix("Examples:")
  }

  private func section(_ title: String, _ paragraphs: [String]) -> [String] {
    let filled = paragraphs.filter { !$0.isEmpty }.map(prose)
    return [".SH \(title)", filled.isEmpty ? prose(command.abstract) : filled.joined(separator: "\n.PP\n")]
  }

  /// Of `Exit codes: 0 complete, 1 something could not be read.`
  private func exitStatus(_ paragraph: String) -> [String] {
    let codes = paragraph.dropFirst("Exit codes: ".count).trimmingCharacters(in: CharacterSet(charactersIn: "."))
    let entries = codes.replacing(#/, (?<code>[0-9]+) /#) { "\n\($0.code) " }.components(separatedBy: "\n")
    return [".SH EXIT STATUS"]
      + entries.flatMap { entry in
        let number = entry.prefix { $0 != " " }
        return [".TP", "\\fB\(number)\\fR", prose(entry.dropFirst(number.count + 1) + ".")]
      }
  }

  /// Of lines with a command each, and what it does behind two blanks or more.
  private func examples(_ paragraph: String) -> [String] {
    let lines = paragraph.components(separatedBy: "\n").dropFirst().map { $0.trimmingCharacters(in: .whitespaces) }
    return [".SH EXAMPLES"]
      + lines.flatMap { line in
        guard let gap = line.firstRange(of: /\ {2,}/) else { return [".TP", "\\fB\(escaped(line))\\fR"] }
        return [".TP", "\\fB\(escaped(String(line[..<gap.lowerBound])))\\fR", prose(String(line[gap.upperBound...]))]
      }
  }

  /// Text whose lines are filled.
  private func prose(_ text: some StringProtocol) -> String {
    text.split(whereSeparator: \.isNewline).map { line in
      let line = escaped(line.trimmingCharacters(in: .whitespaces))
      return line.hasPrefix(".") || line.hasPrefix("'") ? "\\&\(line)" : line
    }.joined(separator: "\n")
  }

  /// Characters as they are: roff would make typographic ones of some.
  private func escaped(_ text: some StringProtocol) -> String {
    let special: [Character: String] = [
      "\\": "\\e", "-": "\\-", "~": "\\(ti", "^": "\\(ha", "`": "\\(ga", "'": "\\(aq", "\"": "\\(dq",
    ]
    return text.map { special[$0] ?? String($0) }.joined()
  }
}

/// What `fibertrace --experimental-dump-help` prints, as far as a manual page needs it.
enum Help {
  struct Document: Decodable {
    var command: Command
  }

  struct Command: Decodable {
    var commandName: String
    var superCommands: [String]?
    var abstract: String
    var discussion: String?
    var arguments: [Argument]?
    var subcommands: [Command]?
  }

  struct Argument: Decodable {
    struct Name: Decodable {
      var kind: String
      var name: String
    }
    var kind: String
    var names: [Name]?
    var valueName: String
    var abstract: String?
    var discussion: String?
    var sectionTitle: String?
    var defaultValue: String?
    var shouldDisplay: Bool
  }
}
