/// A value of an expression in words: some text plus a number.
///
/// Sums with constants are kept apart, so that "rsp + 8" plus 8 becomes "rsp + 16".
struct Term: Sendable, Hashable {
  /// Nil for a constant.
  private var text: String?
  /// Whether `text` needs no parentheses wherever it stands.
  private var isAtom: Bool
  private var offset: Int64

  /// A constant.
  init(constant: UInt64) {
    text = nil
    isAtom = true
    offset = Int64(bitPattern: constant)
  }

  /// A name, or something in parentheses already, plus a number.
  init(atom: String, offset: UInt64 = 0) {
    text = atom
    isAtom = true
    self.offset = Int64(bitPattern: offset)
  }

  private init(compound: String) {
    text = compound
    isAtom = false
    offset = 0
  }

  /// The number, nil where it is none.
  var constant: UInt64? { text == nil ? UInt64(bitPattern: offset) : nil }

  /// All of it.
  var description: String {
    guard let text else { return Self.number(offset) }
    if offset == 0 { return text }
    return "\(isAtom || isSum ? text : "(\(text))") \(Self.signed(offset))"
  }

  /// As an operand of anything.
  var operand: String {
    if text != nil, isAtom, offset == 0 { return description }
    if text == nil, offset >= 0 { return description }
    return "(\(description))"
  }

  /// Whether `text` is a sum of terms, to which more can be added without parentheses.
  private var isSum = false

  /// This plus a constant.
  func adding(_ number: UInt64) -> Term {
    var sum = self
    sum.offset &+= Int64(bitPattern: number)
    return sum
  }

  /// A sum.
  static func + (left: Term, right: Term) -> Term {
    if let number = right.constant { return left.adding(number) }
    if let number = left.constant { return right.adding(number) }
    let start = left.isAtom || left.isSum || left.offset != 0 ? left.description : left.operand
    var sum = Term(compound: "\(start) + \(right.operand)")
    sum.isSum = true
    return sum
  }

  /// Two operands with a sign between them.
  static func binary(_ left: Term, _ sign: String, _ right: Term) -> Term {
    Term(compound: "\(left.operand) \(sign) \(right.operand)")
  }

  /// "+ 8" or "- 8".
  static func signed(_ number: Int64) -> String {
    number < 0 ? "- \(magnitude(number.magnitude))" : "+ \(magnitude(number.magnitude))"
  }

  static func number(_ number: Int64) -> String {
    (number < 0 ? "-" : "") + magnitude(number.magnitude)
  }

  /// Small numbers in decimal, as offsets and masks are thought of; addresses in hexadecimal.
  private static func magnitude(_ number: UInt64) -> String {
    number < 0x1_0000 ? "\(number)" : "0x\(String(number, radix: 16))"
  }
}
