/// An operand as the decoder gives it, in words of our own.
struct MachineOperand {
  enum Kind {
    case register
    case memory
    case number
    /// A far pointer, or what is only an address to compute with (lea).
    case address
    case none
  }

  var kind = Kind.none
  /// Of a register operand: the general register that it is or is a part of; nil for another kind of register.
  var register: GeneralRegister?
  /// In bytes; of rep-prefixed string instructions, of one element.
  var size: UInt16 = 0
  /// Of `memory` and `address`.
  var address = Instruction.Address()
  /// Of `number`: sign-extended; of a branch, its target.
  var number: Int64 = 0
  /// The operand of a jump or call that is a distance.
  var isRelative = false
  /// It is written, under all conditions or some.
  var isWritten = false
  /// The instruction names it; others come with the instruction, like rsp with a push.
  var isVisible = false
}

/// An instruction as the decoder gives it.
struct MachineInstruction {
  /// What decides its effect.
  enum Operation: UInt8 {
    case other, push, pop, pushFlags, popFlags, move, loadAddress, add, subtract, increment, decrement, and, xor,
      exchange, leave,
      enter
  }

  /// What decides its flow.
  enum Branch: UInt8 {
    case none, conditional, unconditional, call, `return`, system, stop
  }

  var length = 0
  var operation = Operation.other
  var branch = Branch.none
  /// Width of what a push or pop moves, in bytes.
  var operandSize: UInt16 = 8
  /// It is repeated (rep, repne), so that how much it writes is not known.
  var isRepeated = false
  /// Visible ones.
  var first = MachineOperand()
  var second = MachineOperand()
  var third = MachineOperand()
  var visibleCount = 0
  /// General registers written by any operand.
  var written: RegisterSet = []
  /// The memory operand written, other than the stack's by push and call.
  var stored: MachineOperand?
}
