package import CallFrameInfo
internal import Instructions

/// Where jumps by way of tables lead: of a switch, as gcc and clang make it.
///
/// An entry of the table is loaded, and control jumps there: to the word (absolute tables) or to an address plus the entry
/// (position-independent ones). The load, the sum and the jump have to stand in one stretch of code that nothing jumps into; the
/// table's address may be loaded before (see `ReachingConstants`).
///
/// How long the table is, three things tell: the comparison that bounds the index, if it is in the same stretch; where the next thing in
/// memory begins that code takes the address of (see `DataReferences`); and the first entry that leads to no instruction. A comparison
/// alone is not believed: where values cannot occur, compilers leave out the end of a table (libLLVM-14 has one of 128 entries behind
/// `cmp esi, 255`), and often the comparison.
package final class JumpTables {
  /// More instructions before a jump are not looked at.
  private static let reach = 32
  /// Larger tables are not believed, in entries.
  private static let mostEntries: UInt64 = 1 << 16

  private let elf: ELFFile
  private let references: DataReferences
  private let disassembler = Disassembler()
  /// Where direct jumps of `known` lead.
  private var landings: Set<UInt64> = []
  /// Tables of addresses that `known` has.
  private var absolute: Set<UInt64> = []
  private var known: Range<UInt64>?
  private var constants: ReachingConstants?
  /// Where its tables lead, for those that several jumps go by.
  private var tables: [JumpTable: [UInt64]?] = [:]
  /// See `labelTable`: nil where it has not been looked for.
  private var labels: UInt64??
  /// How many entries may still be read for `known`: a damaged file may have as many tables as jumps.
  private var budget = 0

  /// - Parameters:
  ///   - elf: the file.
  ///   - references: where things begin in its read-only data.
  package init(_ elf: ELFFile, _ references: DataReferences) {
    self.elf = elf
    self.references = references
  }

  /// The addresses that the indirect jump at `index` may lead to, in the table's order without repetitions; nil where they are
  /// not certain. O(entries), and once for each function O(n log n) in instructions.
  ///
  /// - Precondition: `index` is one of an instruction of `code`.
  package func targets(of index: Int, in code: FunctionCode) -> [UInt64]? {
    // Tables of object files are made of relocations.
    guard !elf.isLaidOut, case .indirectJump(nil) = code.instructions[index].flow else { return nil }
    if known != code.addresses { learn(code) }
    let start = stretch(before: index, in: code.instructions)
    let first = code.instructions[start].address
    let bytes = elf.bytes(atAddress: first, count: Int(code.instructions[index].end - first))
    // Registers that hold an address from before, by the instruction that reads the table through them.
    var bases: [Int: (register: GeneralRegister, address: UInt64)] = [:]
    while true {
      var registers = TableRegisters()
      var wanted: (place: Int, register: GeneralRegister, step: TableStep)?
      for place in start...index {
        let instruction = code.instructions[place]
        let offset = Int(instruction.address - first)
        guard offset < bytes.count else { return nil }
        let step = disassembler.tableStep(bytes, at: offset, address: instruction.address)
        if let base = bases[place] { registers.learn(base.register, address: base.address) }
        if let register = registers.unknownBase(of: step, instruction) { wanted = (place, register, step) }
        if place == index {
          if let table = registers.table(of: step) {
            if let found = tables[table] { return found }
            let found = read(table, code)
            tables[table] = .some(found)
            return found
          }
        } else {
          registers.apply(step, instruction)
        }
      }
      // The last one is the table's: what is loaded from others before is no entry.
      guard let wanted, bases.isEmpty else { return nil }
      if constants == nil { constants = ReachingConstants(code) }
      let constant = constants?.constant(in: wanted.register, before: wanted.place)
      guard let address = constant ?? labelTable(for: wanted.step, code) else { return nil }
      bases[wanted.place] = (wanted.register, address)
    }
  }

  private func learn(_ code: FunctionCode) {
    known = code.addresses
    constants = nil
    labels = nil
    tables.removeAll(keepingCapacity: true)
    budget = 4 * code.instructions.count + Int(Self.mostEntries)
    landings.removeAll(keepingCapacity: true)
    absolute.removeAll(keepingCapacity: true)
    for instruction in code.instructions {
      switch instruction.flow {
      case .jump(let target?), .branch(let target?), .call(let target?): landings.insert(target)
      case .indirectJump(nil):
        let bytes = elf.bytes(atAddress: instruction.address, count: Int(instruction.length))
        if !bytes.isEmpty,
          case .jumpByWord(let address) = disassembler.tableStep(bytes, at: 0, address: instruction.address),
          address.base == nil
        {
          absolute.insert(UInt64(bitPattern: address.displacement))
        }
      default: break
      }
      if case .move(_, .memory(let address)) = instruction.effect, address.scale == 8, address.base == nil {
        absolute.insert(UInt64(bitPattern: address.displacement))
      }
    }
  }

  /// The only table of the function's own labels that the dynamic linker moves, if its code takes the address of just one: an
  /// interpreter's, whose address is in memory on some ways.
  private func labelTable(for step: TableStep, _ code: FunctionCode) -> UInt64? {
    if case .loadDistance = step { return nil }
    if let labels { return labels }
    var found: Set<UInt64> = []
    var seen: Set<UInt64> = []
    for instruction in code.instructions {
      guard case .move(_, .constant(let number)) = instruction.effect, number > 0,
        seen.insert(UInt64(number)).inserted,
        let first = elf.relocatedWords(from: UInt64(number), limit: 1).first, code.addresses.contains(first)
      else { continue }
      found.insert(UInt64(number))
    }
    labels = .some(found.count == 1 ? found.first : nil)
    return found.count == 1 ? found.first : nil
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
    let size: UInt64 = table.base == nil ? 8 : 4
    var most = min(Self.mostEntries, UInt64(max(0, budget)))
    var hasEnd = false
    if let last = table.last {
      most = min(most, last &+ 1)
      hasEnd = true
    } else if references.isEmpty {
      return nil
    }
    if let next = references.first(above: table.address), (next - table.address) / size <= most {
      most = (next - table.address) / size
      hasEnd = true
    }
    var targets: [UInt64] = []
    var seen: Set<UInt64> = []
    // Leads out of the function, and no jump of its own does so.
    var leadsElsewhere = false
    for (entry, target) in entries(of: table, count: Int(most)).enumerated() {
      // Another table of this function begins.
      if table.base == nil, entry > 0, absolute.contains(table.address &+ UInt64(entry) * size) { break }
      budget -= 1
      guard seen.insert(target).inserted else { continue }
      // Of values that cannot occur, clang leads those that have an entry to the end of the function.
      if target == code.addresses.upperBound { continue }
      if code.addresses.contains(target) {
        // What leads into the middle of an instruction is no table, not even the end of one.
        guard code.index(at: target) != nil else { return nil }
      } else if !elf.isCode(target) {
        hasEnd = false
        break
      } else if !landings.contains(target) {
        leadsElsewhere = true
      }
      targets.append(target)
    }
    // A part of the function may lie elsewhere; but so may what other tables lead to.
    guard !targets.isEmpty, hasEnd || !leadsElsewhere else { return nil }
    return targets
  }

  /// Where the first `count` entries lead, or as many as there are.
  private func entries(of table: JumpTable, count: Int) -> [UInt64] {
    guard let base = table.base else {
      let moved = elf.relocatedWords(from: table.address, limit: count)
      guard moved.isEmpty else { return moved }
      let bytes = elf.bytes(atAddress: table.address, count: count * 8)
      return stride(from: 0, to: bytes.count - 7, by: 8).compactMap { bytes.littleEndian($0) }
    }
    let bytes = elf.bytes(atAddress: table.address, count: count * 4)
    return stride(from: 0, to: bytes.count - 3, by: 4).compactMap { offset in
      let distance: Int32? = bytes.littleEndian(offset)
      return distance.map { base &+ UInt64(bitPattern: Int64($0)) }
    }
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
