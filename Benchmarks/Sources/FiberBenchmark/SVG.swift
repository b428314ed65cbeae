/// Elements of an SVG document.
struct SVG {
  private(set) var body = ""

  /// A rectangle with rounded corners.
  mutating func rectangle(x: Double, y: Double, width: Double, height: Double, class name: String) {
    body += "<rect x=\"\(decimal(x))\" y=\"\(decimal(y))\" width=\"\(decimal(width))\" height=\"\(decimal(height))\" "
    body += "rx=\"2\" class=\"\(name)\"/>\n"
  }

  mutating func line(from start: (x: Double, y: Double), to end: (x: Double, y: Double), class name: String) {
    body += "<line x1=\"\(decimal(start.x))\" y1=\"\(decimal(start.y))\" "
    body += "x2=\"\(decimal(end.x))\" y2=\"\(decimal(end.y))\" class=\"\(name)\"/>\n"
  }

  /// Text whose baseline is at `y`; the class says on which side of `x`.
  mutating func text(_ text: String, x: Double, y: Double, class name: String) {
    body += "<text x=\"\(decimal(x))\" y=\"\(decimal(y))\" class=\"\(name)\">\(SVG.escaped(text))</text>\n"
  }

  /// `text` as character data.
  static func escaped(_ text: String) -> String {
    text.reduce(into: "") { escaped, character in
      switch character {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      default: escaped.append(character)
      }
    }
  }
}
