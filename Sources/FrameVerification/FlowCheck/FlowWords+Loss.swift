internal import CallFrameInfo

/// Sentences about what a row declares lost and the state has. For a register nil, the return address.
extension FlowWords {
  private static func noun(_ register: Int?) -> String {
    register.map { "the caller's \(RegisterNames.name(UInt16($0)))" } ?? "the return address"
  }

  /// "the caller's rbx is lost".
  func claimOfLoss(of register: Int?) -> String { "\(Self.noun(register)) is lost" }

  /// "it is still in rbx".
  func realityOfLoss(of register: Int?) -> String {
    guard let register else { return "it is at CFA-8, and the function returns there" }
    if register == AbstractState.rsp { return "it is the CFA" }
    if let place = place(of: register) { return "it is still in \(RegisterNames.name(UInt16(place)))" }
    guard let saved = state.address(holding: .entry(register)), saved.isFrameAddress else { return "it was saved" }
    return "it is at \(Self.text(saved))"
  }

  func consequenceOfLoss(of register: Int?) -> String {
    guard let register, register != AbstractState.rsp else {
      return "every unwinder ends there, as if nobody had called the function"
    }
    return "debuggers show variables of callers that are kept in it as not saved, and exceptions return to callers "
      + "with another value"
  }

  func remedyOfLoss(of register: Int?) -> Remedy? {
    guard let mendedAfter else { return nil }
    guard let register else { return Remedy(".cfi_offset rip, -8", after: mendedAfter) }
    if register == AbstractState.rsp { return Remedy(".cfi_val_offset rsp, 0", after: mendedAfter) }
    return remedy(ofRegister: register)
  }

  /// The register that holds what another had at entry, itself first.
  private func place(of register: Int) -> Int? {
    if state[register] == .entry(register) { return register }
    return (0..<16).first { state[$0] == .entry(register) }
  }
}
