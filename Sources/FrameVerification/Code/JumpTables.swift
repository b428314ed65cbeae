package import CallFrameInfo
internal import Instructions

/// Where jumps by way of tables lead: of a switch, as gcc and clang make it.
///
/// A comparison bounds the index, a word of the table is loaded, and control jumps there: to the word (absolute tables) or
/// to the table's address plus the word (position-independent ones). It has to stand in one stretch of code that nothing jumps
/// into; what is not so is not resolved. A mask bounds no table: compilers leave out the end of one whose indexes cannot
/// occur (perl 5.36 has one shorter than 8 behind `and eax, 7`).
package final class JumpTables {
  /// More instructions before a jump are not looked at.
  private static let reach = 32
  /// Larger tables are not believed, in entries.
  private static let mostEntries: UInt64 = 1 << 16

  private let elf: ELFFile
  private let disassembler = Disassembler()
  /// Where direct jumps of `known` lead.
  private var landings: Set<UInt64> = []
  private var known: Range<UInt64>?

  package init(_ elf: ELFFile) { self.elf = elf }

  /// The addresses that the indirect jump at `index` may lead to, in the table's order without repetitions; nil where they are
  /// not certain. O(entries), and once for each function O(instructions).
  ///
  /// - Precondition: `index` is one of an instruction of `code`.
  package func targets(of index: Int, in code: FunctionCode) -> [UInt64]? {
    // Tables of object files are made of relocations.
    guard !elf.isLaidOut, case .indirectJump(nil) = code.instructions[index].flow else { return nil }
    if known != code.addresses { learn(code) }
    let start = stretch(before: index, in: code.instructions)
    let first = code.instructions[start].address
    let bytes = elf.bytes(atAddress: first, count: Int(code.instructions[index].end - first))
    var registers = TableRegisters()
    for place in start...index {
      let instruction = code.instructions[place]
      let offset = Int(instruction.address - first)
      guard offset < bytes.count else { return nil }
      let step = disassembler.tableStep(bytes, at: offset, address: instruction.address)
      if place == index { return registers.table(of: step).flatMap { read($0, code) } }
      registers.apply(step, instruction)
    }
    return nil
  }

  private func learn(_ code: FunctionCode) {
    known = code.addresses
    landings.removeAll(keepingCapacity: true)
    for instruction in code.instructions {
      switch instruction.flow {
      case .jump(let target?), .branch(let target?), .call(let target?): landings.insert(target)
      default: break
      }
    }
  }

  /// Index of the first instruction that surely runs before the one at `index`, each followed by the next.
  private func stretch(before index: Int, in instructions: [Instruction]) -> Int {
    var start = index
    while start > 0, index - start < Self.reach, !landings.contains(instructions[start].address) {
      let before = instructions[start - 1]
      guard before.end == instructions[start].address else { break }
      switch before.flow {
      case .next, .branch: start -= 1
      default: return start
      }
    }
    return start
  }

  private func read(_ table: JumpTable, _ code: FunctionCode) -> [UInt64]? {
    guard table.last < Self.mostEntries else { return nil }
    let size = table.base == nil ? 8 : 4
    let count = Int(table.last) + 1
    let bytes = elf.bytes(atAddress: table.address, count: count * size)
    guard bytes.count == count * size else { return nil }
    var targets: [UInt64] = []
    var seen: Set<UInt64> = []
    for entry in 0..<count {
      var target: UInt64
      if let base = table.base {
        guard let distance: Int32 = bytes.littleEndian(entry * size) else { return nil }
        target = base &+ UInt64(bitPattern: Int64(distance))
      } else {
        guard let word: UInt64 = bytes.littleEndian(entry * size) else { return nil }
        target = word
      }
      guard seen.insert(target).inserted else { continue }
      // A part of the function may lie elsewhere. What is in the middle of an instruction is no table.
      let isHere = code.addresses.contains(target)
      guard isHere ? code.index(at: target) != nil : elf.isCode(target) else { return nil }
      targets.append(target)
    }
    return targets
  }
}

/// A table that a jump goes by.
struct JumpTable: Equatable {
  /// Of the first entry.
  var address: UInt64
  /// What entries of 32 bits are added to; nil: entries are addresses.
  var base: UInt64?
  /// The greatest index.
  var last: UInt64
}

/// What is known of registers in the code of a jump table.
struct TableRegisters {
  private enum Value {
    case unknown
    case address(UInt64)
    /// At most this.
    case index(UInt64)
    /// A word of the table at the address, whose greatest index is known.
    case distance(table: UInt64, last: UInt64)
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

  /// The table of which an operand is an entry.
  private func table(at address: Instruction.Address, scale: UInt8) -> JumpTable? {
    guard !address.isElsewhere, address.scale == scale, let index = address.index, case .index(let last) = self[index]
    else { return nil }
    var start = UInt64(bitPattern: address.displacement)
    if let base = address.base {
      guard case .address(let number) = self[base] else { return nil }
      start &+= number
    }
    return JumpTable(address: start, base: nil, last: last)
  }
}

extension ELFFile {
  /// An executable section, or segment in a file without sections, has this address.
  fileprivate func isCode(_ address: UInt64) -> Bool {
    sections.isEmpty
      ? segments.contains { $0.kind == .load && $0.isExecutable && $0.virtualRange?.contains(address) == true }
      : sections.contains { $0.isExecutable && $0.range?.contains(address) == true }
  }
}
