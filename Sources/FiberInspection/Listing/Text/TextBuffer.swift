/// Lines of text as they are put together, in bytes: a listing has millions of them, and strings would allocate for each.
struct TextBuffer {
  /// What was written and not taken yet: UTF-8.
  private(set) var bytes: [UInt8] = []
  /// Where in `bytes` the last line begins.
  private var lineStart = 0
  /// Bytes of the last line that take no column: colour sequences, and what follows the first byte of a character.
  private var hidden = 0
  private let usesColor: Bool

  init(usesColor: Bool = false) { self.usesColor = usesColor }

  /// The column where the next character stands, from 0. (Wide characters count as one.)
  var column: Int { bytes.count - lineStart - hidden }

  /// Appends text without line breaks.
  mutating func append(_ text: String) {
    let start = bytes.count
    bytes.append(contentsOf: text.utf8)
    for index in start..<bytes.count where bytes[index] & 0xc0 == 0x80 { hidden += 1 }
  }

  /// Appends ASCII.
  mutating func append(ascii text: ArraySlice<UInt8>) { bytes.append(contentsOf: text) }

  /// Appends one character of ASCII.
  mutating func append(_ character: Unicode.Scalar) { bytes.append(UInt8(truncatingIfNeeded: character.value)) }

  /// Appends a number in hexadecimal without "0x", right-aligned in `width` columns.
  mutating func append(hexadecimal value: UInt64, width: Int = 0) {
    let digits = max(1, (67 - value.leadingZeroBitCount) / 4)
    if width > digits { append(spaces: width - digits) }
    for position in (0..<digits).reversed() { append(digit: UInt8(truncatingIfNeeded: value >> (4 * position)) & 0xf) }
  }

  /// Appends a byte as two hexadecimal digits.
  mutating func append(hexadecimal byte: UInt8) {
    append(digit: byte >> 4)
    append(digit: byte & 0xf)
  }

  private mutating func append(digit: UInt8) {
    bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
  }

  /// Appends a number with its sign, "+8" or "-16".
  mutating func append(signed value: Int64) {
    append(value < 0 ? "-" : "+")
    append(decimal: value.magnitude)
  }

  /// Appends a number.
  mutating func append(decimal value: UInt64) {
    let start = bytes.count
    var rest = value
    repeat {
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    } while rest != 0
    bytes[start...].reverse()
  }

  /// Appends spaces.
  mutating func append(spaces count: Int) {
    for _ in 0..<max(0, count) { bytes.append(UInt8(ascii: " ")) }
  }

  /// The end of what was written, to come back to in the same line.
  var mark: Mark { Mark(count: bytes.count, hidden: hidden) }

  /// A place in the last line.
  struct Mark {
    fileprivate var count: Int
    fileprivate var hidden: Int
  }

  /// Takes back what was written behind `mark`, which is in the last line.
  mutating func goBack(to mark: Mark) {
    bytes.removeSubrange(mark.count...)
    hidden = mark.hidden
  }

  /// Appends spaces up to a column, at least `minimum` of them.
  mutating func pad(to column: Int, minimum: Int = 0) { append(spaces: max(column - self.column, minimum)) }

  /// Appends what `body` appends, in a colour or weight of ANSI's SGR sequences if the style has colours.
  mutating func styled(_ rendition: Rendition, _ body: (inout TextBuffer) -> Void) {
    guard usesColor else { return body(&self) }
    append(rendition)
    body(&self)
    append(Rendition.plain)
  }

  private mutating func append(_ rendition: Rendition) {
    let start = bytes.count
    append(rendition.sequence)
    hidden += bytes.count - start
  }

  /// Ends the line, without spaces at its end.
  mutating func endLine() {
    while bytes.count > lineStart, bytes.last == UInt8(ascii: " ") { bytes.removeLast() }
    bytes.append(UInt8(ascii: "\n"))
    lineStart = bytes.count
    hidden = 0
  }

  /// Forgets what was written; the last line has ended.
  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    lineStart = 0
    hidden = 0
  }
}
