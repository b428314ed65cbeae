extension Rule {
  /// The rules of the step check, in the order of their pages.
  package static let step: [Rule] = [
    stepCFA, stepReturnAddress, stepRegister, stepWalk, stepOutermost, stepRowFailed, stepUnwinder,
  ]

  package static let stepCFA = Rule(
    "step-cfa", .step, .error,
    "the row computes a canonical frame address that was not the frame's when it was executed")
  package static let stepReturnAddress = Rule(
    "step-return-address", .step, .error, "the row led to another return address than the one that control returns to")
  package static let stepRegister = Rule(
    "step-register", .step, .error, "the row led to another value of a register than it had in the caller")
  package static let stepWalk = Rule(
    "step-walk", .step, .error, "rows led from the instruction to callers that were not there")
  package static let stepOutermost = Rule(
    "step-outermost", .step, .error, "the row says that there is no caller, and there was one")
  package static let stepRowFailed = Rule(
    "step-row-failed", .step, .error, "the row could not be evaluated where it was executed")
  package static let stepUnwinder = Rule(
    "step-unwinder", .step, .warning, "an unwinder finds other callers than the rows lead to")
}
