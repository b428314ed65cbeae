extension Rule {
  /// The rules of the edge check, in the order of their pages.
  package static let edge: [Rule] = [
    entryRowWrong, cfaWrong, returnAddressWrong, registerSlotWrong, registerNotDescribed, wrongAtReturn,
    registerNotRestored, tailCallUnbalanced, partRowWrong, swiftAsyncFrame,
  ]

  static let entryRowWrong = Rule(
    "entry-row-wrong", .edge, .error,
    "the first row of a function that is called does not say where its caller left off")
  static let cfaWrong = Rule(
    "cfa-wrong", .edge, .error, "the row computes a canonical frame address that is not the frame's")
  static let returnAddressWrong = Rule(
    "return-address-wrong", .edge, .error, "the row takes something else for the return address")
  static let registerSlotWrong = Rule(
    "register-slot-wrong", .edge, .error,
    "a register's rule leads to something else than the value it had in the caller")
  static let registerNotDescribed = Rule(
    "register-not-described", .edge, .error,
    "a callee-saved register has another value, and the row says it is unchanged")
  static let wrongAtReturn = Rule(
    "wrong-at-return", .edge, .error, "by its row, ret takes a saved register for the return address")
  static let registerNotRestored = Rule(
    "register-not-restored", .edge, .warning, "a function leaves with another value in a callee-saved register")
  static let tailCallUnbalanced = Rule(
    "tail-call-unbalanced", .edge, .error, "a jump to another function leaves the stack otherwise than at entry")
  static let swiftAsyncFrame = Rule(
    "swift-async-frame", .edge, .warning,
    "Swift's compiler describes no frame within the prologue or epilogue of an async function")
  static let partRowWrong = Rule(
    "part-row-wrong", .edge, .error, "a jump into another part of a function comes to a row of another frame")
}
