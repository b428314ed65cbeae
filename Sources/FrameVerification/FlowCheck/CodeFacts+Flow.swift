internal import Instructions

extension CodeFacts {
  /// Whether the function that a call or jump leads to is known never to return.
  func neverReturns(_ flow: Instruction.Flow) -> Bool {
    switch flow {
    case .call(let target?), .jump(let target?): neverReturns(target)
    case .indirectCall(let slot?), .indirectJump(let slot?): neverReturns(slot: slot)
    default: false
    }
  }
}
