/// An operand as the decoder gives it, in words of our own.
struct MachineOperand {
  enum Kind {
    case register
    case memory
    case number
    /// Where a jump or call leads, as a distance from its end.
    case target
    /// What is only an address to compute with (lea).
    case address
    /// Anything else: a far pointer, no operand.
    case none
  }

  var kind = Kind.none
  /// Of a register operand: the general register that it is or is a part of; nil for another kind of register.
  var register: GeneralRegister?
  /// In bytes; of rep-prefixed string instructions, of one element.
  var size: UInt16 = 0
  /// Of `memory` and `address`.
  var address = Instruction.Address()
  /// Of `number`: sign-extended; of `target`: the address.
  var number: Int64 = 0
}

/// An instruction as the decoder gives it.
struct MachineInstruction {
  /// What decides its effect.
  enum Operation: UInt8 {
    case other, push, pop, pushFlags, popFlags, move, loadAddress, add, subtract, increment, decrement, and, xor,
      exchange, leave, enter, zeroExtend, signExtend
    /// It does nothing at all: nop in its forms.
    case nothing
    /// It writes neither a general register nor memory, and goes on.
    case inert
  }

  /// What decides its flow.
  enum Branch: UInt8 {
    case none, conditional, unconditional, call, `return`, system, stop
  }

  var length: UInt8 = 0
  var operation = Operation.other
  var branch = Branch.none
  /// Width of what a push or pop moves, in bytes.
  var operandSize: UInt16 = 8
  /// The first and second that the instruction names; others come with it, like rsp with a push.
  var first = MachineOperand()
  var second = MachineOperand()
  /// General registers written by any operand, under all conditions or some.
  var written: RegisterSet = []
  /// The memory written, other than the stack's by push, call and enter.
  var stored: Instruction.Address?
  /// Size of that in bytes, 0 if it is not known: of a repeated instruction, say.
  var storedSize: UInt16 = 0
  /// Of `inert`: cmp.
  var isComparison = false
  /// An operand is ah, bh, ch or dh.
  var hasHighByte = false
  /// It is an operand that the instruction names.
  var storesSource = false
}
