/// Findings that somebody has decided to live with, and why: the lines of a text file.
///
/// A line has a rule's id (or `*`), a pattern of function names, and the reason, which is the rest of the line; blanks are between
/// them. Lines that are empty or begin with `#` say nothing.
package struct Suppressions: Sendable, Hashable {
  /// One line.
  package struct Entry: Sendable, Hashable {
    /// A rule's id; nil for all rules.
    package var rule: String?
    /// The function's name, readable or raw; what is in no function has the empty name, which `*` matches.
    package var function: GlobPattern
    /// Why. Never empty.
    package var reason: String
    /// Its number in the file, from 1 on.
    package var line: Int
  }

  /// Why a text holds no suppressions.
  package struct Failure: Error, Hashable, CustomStringConvertible {
    /// The number of the line, from 1 on.
    package var line: Int
    /// What is wrong with it, and what to do.
    package var text: String

    package var description: String { "line \(line): \(text)" }
  }

  /// In the order of their lines. The first that names a finding is the one that counts.
  package let entries: [Entry]

  /// - Throws: the first line that is none: without a reason, or of a rule that does not exist.
  package init(parsing text: String) throws(Failure) {
    var entries: [Entry] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if let entry = try Self.entry(line, number: index + 1) { entries.append(entry) }
    }
    self.entries = entries
  }

  private static func entry(_ line: Substring, number: Int) throws(Failure) -> Entry? {
    let words = line.split(maxSplits: 2, whereSeparator: \.isWhitespace)
    guard let rule = words.first, !rule.hasPrefix("#") else { return nil }
    guard rule == "*" || Rule.all.contains(where: { $0.id == rule }) else {
      throw Failure(line: number, text: "no rule is called \(rule): name the id that the report has, or *")
    }
    guard words.count == 3, case let reason = words[2].trimmed, !reason.isEmpty else {
      throw Failure(
        line: number,
        text: "expected a rule, a pattern of function names and a reason, as: \(rule) main why it may be")
    }
    return Entry(
      rule: rule == "*" ? nil : String(rule), function: GlobPattern(String(words[1])), reason: reason, line: number)
  }

  /// Marks the findings that are suppressed. O(findings × entries).
  ///
  /// - Returns: the entries that no finding matched.
  package func waive(_ report: inout Report) -> [Entry] {
    var isUsed = Array(repeating: false, count: entries.count)
    for file in report.files.indices {
      for place in report.files[file].findings.indices {
        let finding = report.files[file].findings[place]
        var index: Int?
        for (number, entry) in entries.enumerated() where entry.matches(finding) {
          isUsed[number] = true
          index = index ?? number
        }
        if let index { report.files[file].findings[place].waiver = .suppressed(reason: entries[index].reason) }
      }
    }
    return zip(entries, isUsed).filter { !$1 }.map(\.0)
  }
}

extension Suppressions.Entry {
  fileprivate func matches(_ finding: ReportedFinding) -> Bool {
    guard rule == nil || rule == finding.rule.id else { return false }
    let names = [finding.function, finding.rawFunction].compactMap(\.self)
    return names.isEmpty ? function.matches("") : names.contains(where: function.matches)
  }
}

extension Substring {
  /// Without the blanks at its ends.
  fileprivate var trimmed: String {
    let start = drop(while: \.isWhitespace)
    return String(start.reversed().drop(while: \.isWhitespace).reversed())
  }
}
