internal import CallFrameInfo

/// As much of a row as lint follows.
struct ProgramState: Sendable, Hashable {
  /// How the CFA is found.
  enum CFA: Sendable, Hashable {
    case undefined
    case register
    case expression
  }

  /// How the return address is found.
  enum ReturnAddress: Sendable, Hashable {
    /// No rule says it.
    case unspecified
    /// It cannot be: the frame is the outermost.
    case undefined
    case found
  }

  var cfa = CFA.undefined
  var returnAddress = ReturnAddress.unspecified
}

extension CFAInstruction {
  /// The register that it gives a rule, if one.
  var ruledRegister: UInt16? {
    switch self {
    case .offset(let register, _), .offsetExtended(let register, _), .offsetExtendedSigned(let register, _),
      .gnuNegativeOffsetExtended(let register, _), .valueOffset(let register, _), .valueOffsetSigned(let register, _),
      .restore(let register), .restoreExtended(let register), .undefined(let register), .sameValue(let register),
      .register(let register, _), .expression(let register, _), .valueExpression(let register, _):
      register
    default: nil
    }
  }

  /// The register whose value it reads, if one.
  var readRegister: UInt16? {
    switch self {
    case .defineCFA(let register, _), .defineCFASigned(let register, _), .defineCFARegister(let register),
      .register(_, let register):
      register
    default: nil
    }
  }

  /// How far it advances in units of the code alignment, nil if it does not.
  var delta: UInt64? {
    switch self {
    case .advanceLocation(let delta), .advanceLocation1(let delta): UInt64(delta)
    case .advanceLocation2(let delta): UInt64(delta)
    case .advanceLocation4(let delta): UInt64(delta)
    case .mipsAdvanceLocation8(let delta): delta
    default: nil
    }
  }

  /// The offset that it multiplies by the data alignment, nil if it has none.
  var factor: Int64? {
    switch self {
    case .offset(_, let factored), .offsetExtended(_, let factored), .gnuNegativeOffsetExtended(_, let factored),
      .valueOffset(_, let factored):
      Int64(clamping: factored)
    case .offsetExtendedSigned(_, let factored), .valueOffsetSigned(_, let factored), .defineCFASigned(_, let factored),
      .defineCFAOffsetSigned(let factored):
      factored
    default: nil
    }
  }

  /// No unwinder of x86-64 executes it: it is another machine's.
  var isForeign: Bool {
    switch self {
    case .mipsAdvanceLocation8, .aarch64NegateReturnAddressStateWithPC, .gnuWindowSave: true
    default: false
    }
  }
}
