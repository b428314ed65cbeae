/// How a text report looks.
public struct TextStyle: Sendable {
  /// Bold, dim and coloured, by ANSI sequences.
  public var usesColor: Bool
  /// Lines and ellipses beyond ASCII.
  public var usesUnicode: Bool
  /// Source files below this absolute path are shown relative to it; nil shows all as they are.
  public var directory: String?
  /// Columns of the terminal; nil if lines may be of any length.
  public var columns: Int?

  /// A style; plain ASCII by default.
  public init(usesColor: Bool = false, usesUnicode: Bool = false, directory: String? = nil, columns: Int? = nil) {
    self.usesColor = usesColor
    self.usesUnicode = usesUnicode
    self.directory = directory
    self.columns = columns
  }

  package func bold(_ text: String) -> String { styled(.bold, text) }
  package func dim(_ text: String) -> String { styled(.dim, text) }
  package func warning(_ text: String) -> String { styled(.warning, text) }

  package func refuted(_ text: String) -> String { styled(.refuted, text) }
  package func proved(_ text: String) -> String { styled(.source, text) }

  /// A line that separates stacks.
  var rule: String { usesUnicode ? "──" : "--" }

  private func styled(_ rendition: Rendition, _ text: String) -> String {
    usesColor && !text.isEmpty ? rendition.sequence + text + Rendition.plain.sequence : text
  }
}

/// What texts have colours and weights for: parameters of ANSI's sequence SGR.
enum Rendition: String {
  case plain = "0"
  case bold = "1"
  case dim = "2"
  case warning = "33"
  /// What is wrong for certain.
  case refuted = "1;31"
  /// What a row changes.
  case changed = "1;33"
  /// A line of a source file.
  case source = "32"
  /// The name of a place that code refers to.
  case target = "36"

  /// What begins text that looks so.
  var sequence: String { "\u{1b}[\(rawValue)m" }
}
