internal import Instructions

/// A table that a jump goes by.
struct JumpTable: Hashable {
  /// Of the first entry.
  var address: UInt64
  /// What entries of 32 bits are added to; nil: entries are addresses.
  var base: UInt64?
  /// The greatest index, nil where it is not known.
  var last: UInt64?
}

/// What is known of registers in the code of a jump table.
struct TableRegisters {
  private enum Value {
    case unknown
    case address(UInt64)
    /// At most this.
    case index(UInt64)
    /// A word of the table at the address, with the greatest index.
    case distance(table: UInt64, last: UInt64?)
    case target(JumpTable)
  }

  private var values = [Value](repeating: .unknown, count: 16)
  /// What the flags say.
  private var comparison: (register: GeneralRegister, number: UInt64)?

  private subscript(_ register: GeneralRegister) -> Value {
    get { values[Int(register.rawValue)] }
    set { values[Int(register.rawValue)] = newValue }
  }

  /// Executes an instruction; after a branch, the next one follows.
  mutating func apply(_ step: TableStep, _ instruction: Instruction) {
    let compared = comparison
    comparison = nil
    var result: (register: GeneralRegister, value: Value)?
    switch step {
    case .compare(let register, _, let number): comparison = (register, number)
    case .branchAbove:
      // By the comparison right before, so that nothing has come between.
      if let compared { self[compared.register] = .index(compared.number) }
    case .extend(let register, let source, let size):
      if case .index(let last) = self[source], size == 8 || last < 1 << (8 * UInt64(size)) {
        result = (register, .index(last))
      }
      // A mov changes no flags, and the register that was compared may be copied before the branch.
      if let compared, register != compared.register { comparison = compared }
    case .loadDistance(let register, let address):
      if let table = table(at: address, scale: 4) {
        result = (register, .distance(table: table.address, last: table.last))
      }
    case .add(let first, let second):
      switch (self[first], self[second]) {
      case (.distance(let table, let last), .address(let base)), (.address(let base), .distance(let table, let last)):
        result = (first, .target(JumpTable(address: table, base: base, last: last)))
      default: break
      }
    default:
      // Jumps change no flags.
      if case .branch = instruction.flow { comparison = compared }
      if case .move(let register, let source) = instruction.effect {
        switch source {
        case .constant(let number): result = (register, .address(UInt64(bitPattern: number)))
        case .memory(let address):
          if let table = table(at: address, scale: 8) { result = (register, .target(table)) }
        case .register(let other): result = (register, self[other])
        default: break
        }
      }
    }
    for register in 0..<16 where instruction.changes.contains(GeneralRegister(rawValue: UInt8(register))) {
      values[register] = .unknown
    }
    if let result { self[result.register] = result.value }
  }

  /// The table that a jump goes by; nil if it is none that is known.
  func table(of jump: TableStep) -> JumpTable? {
    switch jump {
    case .jump(let register):
      if case .target(let table) = self[register] { return table }
      return nil
    case .jumpByWord(let address): return table(at: address, scale: 8)
    default: return nil
    }
  }

  /// Takes the number in a register for known.
  mutating func learn(_ register: GeneralRegister, address: UInt64) { self[register] = .address(address) }

  /// The register that has the address of the table of which a step reads an entry, if what it has is not known.
  func unknownBase(of step: TableStep, _ instruction: Instruction) -> GeneralRegister? {
    let operand: Instruction.Address
    switch (step, instruction.effect) {
    case (.loadDistance(_, let address), _) where address.scale == 4: operand = address
    case (.jumpByWord(let address), _) where address.scale == 8: operand = address
    case (_, .move(_, .memory(let address))) where address.scale == 8: operand = address
    default: return nil
    }
    guard !operand.isElsewhere, operand.index != nil, let base = operand.base, case .unknown = self[base] else {
      return nil
    }
    return base
  }

  /// The table of which an operand is an entry.
  private func table(at address: Instruction.Address, scale: UInt8) -> JumpTable? {
    guard !address.isElsewhere, address.scale == scale, let index = address.index else { return nil }
    var last: UInt64?
    if case .index(let number) = self[index] { last = number }
    var start = UInt64(bitPattern: address.displacement)
    if let base = address.base {
      guard case .address(let number) = self[base] else { return nil }
      start &+= number
    }
    return JumpTable(address: start, base: nil, last: last)
  }
}
