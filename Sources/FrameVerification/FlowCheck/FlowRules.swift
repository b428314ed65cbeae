extension Rule {
  /// The rules of the flow check, in the order of their pages.
  package static let flow: [Rule] = [
    entryRowWrong, cfaWrong, returnAddressWrong, registerSlotWrong, registerNotDescribed, registerLost, wrongAtReturn,
    registerNotRestored, tailCallUnbalanced, partRowWrong, startReturnedTo, swiftAsyncFrame,
  ]

  static let entryRowWrong = Rule(
    "entry-row-wrong", .flow, .error,
    "the first row of a function that is called does not say where its caller left off")
  static let cfaWrong = Rule(
    "cfa-wrong", .flow, .error, "the row computes a canonical frame address that is not the frame's")
  static let returnAddressWrong = Rule(
    "return-address-wrong", .flow, .error, "the row takes something else for the return address")
  static let registerSlotWrong = Rule(
    "register-slot-wrong", .flow, .error,
    "a register's rule leads to something else than the value it had in the caller")
  static let registerNotDescribed = Rule(
    "register-not-described", .flow, .error,
    "a callee-saved register has another value, and the row says it is unchanged")
  static let registerLost = Rule(
    "register-lost", .flow, .error, "the row declares lost what is still in a register or in the frame")
  static let wrongAtReturn = Rule(
    "wrong-at-return", .flow, .error, "by its row, ret takes a saved register for the return address")
  static let registerNotRestored = Rule(
    "register-not-restored", .flow, .warning, "a function leaves with another value in a callee-saved register")
  static let tailCallUnbalanced = Rule(
    "tail-call-unbalanced", .flow, .error, "a jump to another function leaves the stack otherwise than at entry")
  static let startReturnedTo = Rule(
    "start-returned-to", .flow, .error, "a return leads to the first byte of an FDE: unwinders look for the byte before"
  )
  static let swiftAsyncFrame = Rule(
    "swift-async-frame", .flow, .warning,
    "Swift's compiler describes no frame within the prologue or epilogue of an async function")
  static let partRowWrong = Rule(
    "part-row-wrong", .flow, .error, "a jump into another part of a function comes to a row of another frame")
}
