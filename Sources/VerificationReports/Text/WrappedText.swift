/// `text` in lines of at most `columns` columns, broken at spaces. A word that is longer than a line stays whole.
///
/// - Parameters:
///   - text: printable, without line breaks.
///   - indent: begins the first line; the others begin with as many spaces.
///   - indentWidth: columns of `indent`, which may hold sequences that colour it.
///   - columns: nil for one line of any length.
/// - Returns: the lines, each with its line break.
func wrapped(_ text: String, indent: String, indentWidth: Int, columns: Int?) -> String {
  guard let columns, indentWidth + text.count > columns else { return "\(indent)\(text)\n" }
  let blank = String(repeating: " ", count: indentWidth)
  var result = indent
  var used = indentWidth
  var isLineStart = true
  for word in text.split(separator: " ") {
    let width = word.count
    if !isLineStart, used + 1 + width > columns {
      result += "\n\(blank)"
      used = indentWidth
      isLineStart = true
    }
    if !isLineStart {
      result += " "
      used += 1
    }
    result += word
    used += width
    isLineStart = false
  }
  return result + "\n"
}
