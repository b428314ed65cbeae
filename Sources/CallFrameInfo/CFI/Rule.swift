/// Where an expression's operations lie in the bytes of their section.
///
/// Offsets, not bytes: rows are copied without counting references.
public struct ExpressionBlock: Sendable, Hashable {
  /// Offset of the first operation in the section, in bytes.
  public var offset: Int
  /// Size in bytes.
  public var count: Int

  /// A block.
  public init(offset: Int, count: Int) {
    self.offset = offset
    self.count = count
  }

  /// Its bytes in the section.
  public var range: Range<Int> { offset..<offset + count }
}

/// How to find the canonical frame address, the CFA.
public enum CFARule: Sendable, Hashable {
  /// Nothing says it.
  case unspecified
  /// The value of a register plus an offset in bytes.
  case register(UInt16, offset: Int64)
  /// What an expression computes.
  case expression(ExpressionBlock)
}

/// How to find the value that a register had in the caller, in the order of DWARF 5, §6.4.1.
public enum RegisterRule: Sendable, Hashable {
  /// Nothing says it. The ABI then decides: the callee-saved ones keep their value, rsp is the CFA.
  case unspecified
  /// It cannot be recovered. For the return address: this is the outermost frame.
  case undefined
  /// It has not been changed.
  case sameValue
  /// It is saved at CFA + N.
  case offset(Int64)
  /// It is CFA + N.
  case valueOffset(Int64)
  /// It is in another register.
  case register(UInt16)
  /// It is saved at the address that an expression computes, with the CFA on the stack at its start.
  case expression(ExpressionBlock)
  /// It is what an expression computes, with the CFA on the stack at its start.
  case valueExpression(ExpressionBlock)
}
