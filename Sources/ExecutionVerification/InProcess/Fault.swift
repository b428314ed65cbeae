/// A signal that ended a closure.
struct Fault {
  var signal: Int32
  /// What the signal is about: the address that cannot be read, say. nil if that is not told: of an operand that is not aligned, or
  /// whose address is not canonical.
  var address: UInt64?
  /// The instruction that caused it, or that led to where there is no code.
  var pc: UInt64
  /// Where that instruction led to, if there is no code there.
  var target: UInt64?
  /// For a `ret`, how far rsp was from the return address, in bytes.
  var imbalance: Int64?
}
