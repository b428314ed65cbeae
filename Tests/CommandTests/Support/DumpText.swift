/// A dump's text, taken apart again.
struct DumpText {
  /// Sections by their first line, in order.
  let sections: [(title: String, lines: [String])]

  init(_ text: String) {
    var sections: [(title: String, lines: [String])] = []
    for line in text.split(separator: "\n") {
      if line.hasPrefix(" "), !sections.isEmpty {
        sections[sections.count - 1].lines.append(String(line))
      } else {
        sections.append((String(line), []))
      }
    }
    self.sections = sections
  }

  /// The section whose title begins so, or contains `name` in quotes.
  func section(_ name: String) -> (title: String, lines: [String])? {
    sections.first { $0.title.hasPrefix(name) || $0.title.contains("\"\(name)\"") && $0.title.hasPrefix("fiber") }
  }

  /// Function names of a section, a boundary as "|", without marks and offsets.
  func functions(_ name: String) -> [String] {
    (section(name)?.lines ?? []).compactMap { line in
      if line.contains(" resumed by ") { return "|" }
      let fields = line.split(separator: " ", omittingEmptySubsequences: true)
      guard let number = fields.first, Int(number) != nil, fields.count > 1 else { return nil }
      return String(fields[1])
    }
  }

  /// A line of a trace.
  struct Frame {
    var name: String
    /// "file:line", empty without one.
    var place: String
    var isInlined: Bool
  }

  /// Lines of a section that stand for functions.
  func frames(_ name: String) -> [Frame] { Self.frames(section(name)?.lines ?? []) }

  /// `frames` of a section's lines.
  static func frames(_ lines: [String]) -> [Frame] {
    lines.compactMap { line in
      guard let match = line.firstMatch(of: /^ +[0-9]+  ([^ ]+)/) else { return nil }
      let place = line.firstMatch(of: /[\/ ]([^\/ ]+:[0-9]+)$/).map { String($0.1) } ?? ""
      return Frame(name: String(match.1), place: place, isInlined: line.contains("(inlined)"))
    }
  }
}
