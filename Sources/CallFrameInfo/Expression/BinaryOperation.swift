/// The operations of two values.
enum BinaryOperation {
  /// `first` is below `second` on the stack. Nil for a division by zero, and for what takes other than two values.
  static func value(_ code: OperationCode, _ first: UInt64, _ second: UInt64) -> UInt64? {
    let (left, right) = (Int64(bitPattern: first), Int64(bitPattern: second))
    switch code.rawValue {
    case 0x1a: return first & second
    case 0x1b: return right == 0 ? nil : UInt64(bitPattern: left.dividedReportingOverflow(by: right).partialValue)
    case 0x1c: return first &- second
    case 0x1d: return second == 0 ? nil : first % second
    case 0x1e: return first &* second
    case 0x21: return first | second
    case 0x22: return first &+ second
    // Swift's shifts are "smart": 64 or more shifts everything out.
    case 0x24: return first << second
    case 0x25: return first >> second
    case 0x26: return UInt64(bitPattern: left >> second)
    case 0x27: return first ^ second
    case 0x29: return left == right ? 1 : 0
    case 0x2a: return left >= right ? 1 : 0
    case 0x2b: return left > right ? 1 : 0
    case 0x2c: return left <= right ? 1 : 0
    case 0x2d: return left < right ? 1 : 0
    case 0x2e: return left != right ? 1 : 0
    default: return nil
    }
  }
}
