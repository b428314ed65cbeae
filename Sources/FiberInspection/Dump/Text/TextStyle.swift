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

  func bold(_ text: String) -> String { sequence("1", text) }
  func dim(_ text: String) -> String { sequence("2", text) }
  func warning(_ text: String) -> String { sequence("33", text) }

  /// A line that separates stacks.
  var rule: String { usesUnicode ? "──" : "--" }

  private func sequence(_ code: String, _ text: String) -> String {
    usesColor && !text.isEmpty ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
  }
}
