/// What an instruction does in the code that compilers make of a jump table: what bounds an index, loads from a table, jumps.
package enum TableStep: Sendable, Hashable {
  /// The flags say how the low `size` bytes of the register compare with the number: cmp.
  case compare(GeneralRegister, size: UInt16, with: UInt64)
  /// The next instruction follows if the comparison found no more than the number: ja.
  case branchAbove
  /// The first register = the low `size` bytes of the second: movzx, mov of 32 bits.
  case extend(GeneralRegister, from: GeneralRegister, size: UInt16)
  /// The register = the signed 32 bits at an address: movsxd.
  case loadDistance(GeneralRegister, Instruction.Address)
  /// The first register += the second.
  case add(GeneralRegister, GeneralRegister)
  /// To where the register says.
  case jump(GeneralRegister)
  /// To where the word at an address says.
  case jumpByWord(Instruction.Address)
  /// Anything else.
  case other

  init(_ machine: borrowing MachineInstruction) {
    let (first, second) = (machine.first, machine.second)
    self = .other
    if machine.branch == .unconditional {
      if first.kind == .memory, first.size == 8 { self = .jumpByWord(first.address) }
      if first.kind == .register, let register = first.register { self = .jump(register) }
      return
    }
    guard first.kind == .register, let register = first.register else { return }
    switch machine.operation {
    case .inert where machine.isComparison && second.kind == .number && first.size <= 8:
      let bits = 8 * UInt64(first.size)
      let number = UInt64(bitPattern: second.number)
      self = .compare(register, size: first.size, with: bits == 64 ? number : number & (1 << bits - 1))
    case .move where first.size == 4, .zeroExtend where first.size >= 4:
      if second.kind == .register, let other = second.register, !machine.hasHighByte {
        self = .extend(register, from: other, size: second.size)
      }
    case .signExtend where first.size == 8 && second.kind == .memory && second.size == 4:
      self = .loadDistance(register, second.address)
    case .add where first.size == 8 && second.kind == .register:
      if let other = second.register { self = .add(register, other) }
    default: break
    }
  }
}
