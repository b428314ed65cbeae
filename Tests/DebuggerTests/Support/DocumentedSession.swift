import Foundation
import TestSupport

/// Commands of a page and what the page says they print: blocks of "```console".
///
/// "$ " begins a command of the shell, "(gdb) " one of the gdb that the last "$ gdb ..." has started. All else is printed by the
/// command before it.
struct DocumentedSession {
  /// A command and what it prints.
  struct Step {
    /// Where it stands in the page, from 0.
    var line: Int
    /// With its prompt.
    var command: String
    var printed: [String] = []

    var isOfGdb: Bool { command.hasPrefix("(gdb) ") }
    var startsGdb: Bool { command.hasPrefix("$ gdb ") }
    /// Without its prompt.
    var words: String { String(command.dropFirst(isOfGdb ? 6 : 2)) }
  }

  var steps: [Step] = []
  private let lines: [String]

  /// - Parameter section: only blocks below the heading of this text; nil for all.
  init(of page: String, section: String? = nil) {
    lines = page.components(separatedBy: "\n")
    var isInside = false
    var isWanted = section == nil
    for (number, line) in lines.enumerated() {
      if line.hasPrefix("```") {
        isInside = line == "```console" && isWanted
      } else if !isInside {
        if let section, line.hasPrefix("#") { isWanted = line.drop { $0 == "#" } == " \(section)" }
      } else if line.hasPrefix("$ ") || line.hasPrefix("(gdb) ") {
        steps.append(Step(line: number, command: line))
      } else if !steps.isEmpty {
        steps[steps.count - 1].printed.append(line)
      }
    }
  }

  /// The page with other output below the commands.
  func page(with others: [Step]) -> String {
    var result = lines
    for (step, other) in zip(steps, others).reversed() {
      result.replaceSubrange((step.line + 1)..<(step.line + 1 + step.printed.count), with: other.printed)
    }
    return result.joined(separator: "\n")
  }

  /// What is not as in `others`, a line each, beside what differs from run to run.
  func differences(from others: [Step]) -> [String] {
    zip(steps, others).flatMap { $0.differences(from: $1) }
      + (steps.count == others.count ? [] : ["\(steps.count) commands are shown, \(others.count) were run"])
  }
}

extension DocumentedSession.Step {
  /// What is not as in `other`, a line each, beside what differs from run to run.
  func differences(from other: Self) -> [String] {
    guard command == other.command else { return ["\(command) was to be \(other.command)"] }
    let (shown, printed) = (Self.stable(printed), Self.stable(other.printed))
    return (0..<max(shown.count, printed.count)).compactMap { number in
      let one = number < shown.count ? shown[number] : nil
      let two = number < printed.count ? printed[number] : nil
      guard one != two else { return nil }
      return "line \(line + 2 + number), \(command)\n  shown:   \(one ?? "-")\n  printed: \(two ?? "-")"
    }
  }

  /// Without what differs from run to run: numbers in base 16, ids of processes and threads, times and sizes of cores; and
  /// without what libc's debug information tells, and how many mappings Linux has made of stacks, which is not everywhere. Ids of fibers stay; as threads they have numbers
  /// from 1000000000 on.
  private static func stable(_ lines: [String]) -> [String] {
    let ids = /(pid|process|LWP|Thread|thread|TID|tid) [0-9]{2,7}(?![0-9])/
    // Columns are as wide as the ids in them.
    let hasColumns = lines.contains { $0.contains(/(LWP|Thread) [0-9]/) }
    return lines.filter { !$0.contains(/^[0-9]+\t(in )?pause\.c/) }.map { line in
      let masked = line.replacing(/0x[0-9a-f]+/, with: "0x").replacing(ids) { "\($0.1) N" }
        .replacing(/N\.[0-9]{1,7}(?![0-9])/, with: "N.N").replacing(/[0-9.]+ (ms|s)$/) { "T \($0.1)" }
        .replacing(/[0-9.]+ [KMG]?i?B \([0-9.]+ [KMG]?i?B written\)/, with: "N B (N B written)")
        .replacing(/section, [0-9]+ bytes/, with: "section, N bytes").replacing(
          /(__libc_)?pause( \(\))? (at pause\.c:[0-9]+|from .*)/, with: "pause")
      return hasColumns ? masked.replacing(/\ +/, with: " ") : masked
    }.reduce(into: []) { all, line in
      if !line.contains("Memory read failed") || all.last != line { all.append(line) }
    }
  }
}
