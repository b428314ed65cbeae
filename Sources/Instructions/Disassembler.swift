internal import CZydis

/// What stands at an address of code.
package struct DecodedInstruction {
  /// In bytes, at least 1. An instruction that cannot be decoded is one byte.
  package var length: Int
  /// Its bytes are an instruction of x86-64.
  package var isValid: Bool
  /// It does nothing, or traps: what assemblers and linkers put between functions.
  package var isPadding: Bool
  /// Where a direct jump or call leads, or what an operand relative to rip refers to; nil without one.
  package var target: UInt64?
}

/// x86-64 instructions as text, by Zydis. The only file that imports it.
///
/// The text is Intel's syntax with the names that the GNU tools give to conditions ("je", not "jz"), and operands relative to
/// rip as they are encoded. It lies in a buffer that the next call overwrites, so that a listing of millions of
/// instructions allocates nothing for each.
///
/// Not safe from several threads at once.
@safe package final class Disassembler {
  /// The longest instruction, in bytes (Intel SDM, volume 2, 2.3.11).
  package static let longestInstruction = 15
  /// More than any text of Zydis 4.0 is long.
  private static let textCapacity = 256

  private let decoder: UnsafeMutablePointer<ZydisDecoder>
  private let formatter: UnsafeMutablePointer<ZydisFormatter>
  private let instruction: UnsafeMutablePointer<ZydisDecodedInstruction>
  private let operands: UnsafeMutablePointer<ZydisDecodedOperand>
  private let context: UnsafeMutablePointer<ZydisDecoderContext>
  /// By Zydis's number of the mnemonic.
  private let renamed: [RenamedMnemonic?]
  /// By Zydis's number of the mnemonic.
  private let operations: [MachineInstruction.Operation]
  /// By Zydis's number of the register: the general register that it is or is a part of.
  private let generalRegisters: [GeneralRegister?]
  private let registerSets: [RegisterSet]
  /// The text of the last instruction, in its first `textCount` bytes.
  package private(set) var text = [UInt8](repeating: 0, count: textCapacity)
  /// Length of that text.
  package private(set) var textCount = 0

  package init() {
    unsafe decoder = .allocate(capacity: 1)
    unsafe decoder.initialize(to: ZydisDecoder())
    unsafe formatter = .allocate(capacity: 1)
    unsafe formatter.initialize(to: ZydisFormatter())
    unsafe instruction = .allocate(capacity: 1)
    unsafe instruction.initialize(to: ZydisDecodedInstruction())
    unsafe operands = .allocate(capacity: Int(ZYDIS_MAX_OPERAND_COUNT))
    unsafe operands.initialize(repeating: ZydisDecodedOperand(), count: Int(ZYDIS_MAX_OPERAND_COUNT))
    unsafe context = .allocate(capacity: 1)
    unsafe context.initialize(to: ZydisDecoderContext())
    // These fail for arguments that do not exist only.
    unsafe ZydisDecoderInit(decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64)
    unsafe ZydisFormatterInit(formatter, ZYDIS_FORMATTER_STYLE_INTEL)
    unsafe ZydisFormatterSetProperty(formatter, ZYDIS_FORMATTER_PROP_FORCE_RELATIVE_RIPREL, 1)
    // Zydis leaves the size out where it seems obvious, of "inc [r12+0x10]" too.
    unsafe ZydisFormatterSetProperty(formatter, ZYDIS_FORMATTER_PROP_FORCE_SIZE, 1)
    unsafe ZydisFormatterSetProperty(formatter, ZYDIS_FORMATTER_PROP_HEX_UPPERCASE, 0)
    for padding in [
      ZYDIS_FORMATTER_PROP_ADDR_PADDING_ABSOLUTE, ZYDIS_FORMATTER_PROP_ADDR_PADDING_RELATIVE,
      ZYDIS_FORMATTER_PROP_DISP_PADDING, ZYDIS_FORMATTER_PROP_IMM_PADDING,
    ] {
      unsafe ZydisFormatterSetProperty(formatter, padding, 0)
    }
    renamed = RenamedMnemonic.table
    operations = MachineInstruction.Operation.byMnemonic
    generalRegisters = GeneralRegister.byZydisRegister
    registerSets = GeneralRegister.setsByZydisRegister
  }

  deinit {
    unsafe decoder.deallocate()
    unsafe formatter.deallocate()
    unsafe instruction.deallocate()
    unsafe operands.deallocate()
    unsafe context.deallocate()
  }

  /// Decodes what stands at `offset` in `code`, which lies at `address`, and formats it.
  ///
  /// - Precondition: `offset` is one of an element of `code`.
  package func decode(_ code: [UInt8], at offset: Int, address: UInt64) -> DecodedInstruction {
    precondition(code.indices.contains(offset))
    let status = unsafe code.withUnsafeBytes { bytes in
      unsafe ZydisDecoderDecodeFull(
        decoder, bytes.baseAddress?.advanced(by: offset), bytes.count - offset, instruction, operands)
    }
    guard Self.isSuccess(status) else { return undecodable() }
    let visible = unsafe instruction.pointee.operand_count_visible
    let formatted = unsafe text.withUnsafeMutableBytes { buffer in
      unsafe ZydisFormatterFormatInstruction(
        formatter, instruction, operands, visible, buffer.baseAddress?.assumingMemoryBound(to: CChar.self),
        buffer.count, address, nil)
    }
    guard Self.isSuccess(formatted) else { return undecodable() }
    textCount = text.firstIndex(of: 0) ?? 0
    if let name = unsafe renamed[Int(instruction.pointee.mnemonic.rawValue)] { rename(name) }
    let length = Int(unsafe instruction.pointee.length)
    let mnemonic = unsafe instruction.pointee.mnemonic
    return DecodedInstruction(
      length: length, isValid: true, isPadding: mnemonic == ZYDIS_MNEMONIC_NOP || mnemonic == ZYDIS_MNEMONIC_INT3,
      target: target(operands: Int(visible), next: address &+ UInt64(length)))
  }

  /// What a rip-relative operand of the last instruction means, where the following one starts at `next`.
  private func target(operands count: Int, next: UInt64) -> UInt64? {
    for index in 0..<count {
      let type = unsafe operands[index].type
      if type == ZYDIS_OPERAND_TYPE_IMMEDIATE, unsafe operands[index].imm.is_relative != 0 {
        return unsafe next &+ operands[index].imm.value.u
      }
      if type == ZYDIS_OPERAND_TYPE_MEMORY, unsafe operands[index].mem.base == ZYDIS_REGISTER_RIP {
        return unsafe next &+ UInt64(bitPattern: operands[index].mem.disp.value)
      }
    }
    return nil
  }

  /// One byte that is no instruction.
  package func undecodable() -> DecodedInstruction {
    let bad = Array("(bad)".utf8)
    text.replaceSubrange(0..<bad.count, with: bad)
    textCount = bad.count
    return DecodedInstruction(length: 1, isValid: false, isPadding: false, target: nil)
  }

  /// Puts the GNU tools' name of an instruction in the place of Zydis's, which follows prefixes.
  private func rename(_ name: RenamedMnemonic) {
    var start = 0
    while start + name.zydis.count <= textCount {
      if text[start..<start + name.zydis.count].elementsEqual(name.zydis) {
        let end = start + name.zydis.count
        // In place: the buffer keeps its size.
        for index in name.gnu.indices { text[start + index] = name.gnu[index] }
        let shift = name.zydis.count - name.gnu.count
        if shift > 0 { for index in end..<textCount { text[index - shift] = text[index] } }
        textCount -= shift
        return
      }
      // On to the next word.
      guard let space = text[start..<textCount].firstIndex(of: UInt8(ascii: " ")) else { return }
      start = space + 1
    }
  }

  /// What stands at `offset` in `code`, which lies at `address`, does. Nothing is formatted: `text` stays as it is.
  ///
  /// - Precondition: `offset` is one of an element of `code`.
  package func instruction(_ code: [UInt8], at offset: Int, address: UInt64) -> Instruction {
    precondition(code.indices.contains(offset))
    let status = unsafe code.withUnsafeBytes { bytes in
      unsafe ZydisDecoderDecodeInstruction(
        decoder, context, bytes.baseAddress?.advanced(by: offset), bytes.count - offset, instruction)
    }
    guard Self.isSuccess(status) else { return Instruction(address: address, length: 1, flow: .undecodable) }
    let operation = operations[Int(unsafe instruction.pointee.mnemonic.rawValue)]
    // An eighth of all instructions, and nearly half of the time goes into operands.
    if operation == .nothing {
      return Instruction(address: address, length: unsafe instruction.pointee.length, effect: .nothing)
    }
    if operation == .inert { return Instruction(address: address, length: unsafe instruction.pointee.length) }
    if let near = nearBranch(at: address) { return near }
    let decoded = unsafe ZydisDecoderDecodeOperands(
      decoder, context, instruction, operands, instruction.pointee.operand_count)
    guard Self.isSuccess(decoded) else { return Instruction(address: address, length: 1, flow: .undecodable) }
    return Instruction(machineInstruction(operation, at: address), at: address)
  }

  /// What a near jump, conditional jump or call with a distance in it does: a fifth of all instructions, and none needs operands.
  private func nearBranch(at address: UInt64) -> Instruction? {
    guard unsafe instruction.pointee.raw.imm.0.is_relative != 0 else { return nil }
    let length = unsafe instruction.pointee.length
    let target = address &+ UInt64(length) &+ UInt64(bitPattern: unsafe instruction.pointee.raw.imm.0.value.s)
    let opcode = unsafe instruction.pointee.opcode
    switch unsafe (instruction.pointee.opcode_map, opcode) {
    case (ZYDIS_OPCODE_MAP_DEFAULT, 0x70...0x7f), (ZYDIS_OPCODE_MAP_0F, 0x80...0x8f):
      return Instruction(address: address, length: length, flow: .branch(target))
    case (ZYDIS_OPCODE_MAP_DEFAULT, 0xe9), (ZYDIS_OPCODE_MAP_DEFAULT, 0xeb):
      return Instruction(address: address, length: length, flow: .jump(target))
    case (ZYDIS_OPCODE_MAP_DEFAULT, 0xe8): return Instruction(address: address, length: length, flow: .call(target))
    default: return nil
    }
  }

  /// What the same does in the code of a jump table. For the few instructions before indirect jumps.
  ///
  /// - Precondition: `offset` is one of an element of `code`.
  package func tableStep(_ code: [UInt8], at offset: Int, address: UInt64) -> TableStep {
    precondition(code.indices.contains(offset))
    let status = unsafe code.withUnsafeBytes { bytes in
      unsafe ZydisDecoderDecodeFull(
        decoder, bytes.baseAddress?.advanced(by: offset), bytes.count - offset, instruction, operands)
    }
    guard Self.isSuccess(status) else { return .other }
    let mnemonic = unsafe instruction.pointee.mnemonic
    if mnemonic == ZYDIS_MNEMONIC_JNBE { return .branchAbove }
    var machine = machineInstruction(operations[Int(mnemonic.rawValue)], at: address)
    machine.isComparison = mnemonic == ZYDIS_MNEMONIC_CMP
    machine.hasHighByte = (0..<2).contains { index in
      unsafe operands[index].type == ZYDIS_OPERAND_TYPE_REGISTER
        && Self.isHighByte(operands[index].reg.value)
    }
    return TableStep(machine)
  }

  private static func isHighByte(_ register: ZydisRegister) -> Bool {
    register.rawValue >= ZYDIS_REGISTER_AH.rawValue && register.rawValue <= ZYDIS_REGISTER_BH.rawValue
  }

  /// The decoded instruction in words of our own.
  private func machineInstruction(_ operation: MachineInstruction.Operation, at address: UInt64) -> MachineInstruction {
    var machine = MachineInstruction()
    machine.length = unsafe instruction.pointee.length
    machine.operation = operation
    machine.branch = branch()
    machine.operandSize = UInt16(unsafe instruction.pointee.operand_width) / 8
    let visible = Int(unsafe instruction.pointee.operand_count_visible)
    let next = address &+ UInt64(machine.length)
    if visible > 0 { machine.first = operand(0, next: next) }
    if visible > 1 { machine.second = operand(1, next: next) }
    for index in 0..<Int(unsafe instruction.pointee.operand_count) {
      guard unsafe operands[index].actions & Self.writes != 0 else { continue }
      switch unsafe operands[index].type {
      case ZYDIS_OPERAND_TYPE_REGISTER:
        machine.written.formUnion(registerSets[Int(unsafe operands[index].reg.value.rawValue)])
      case ZYDIS_OPERAND_TYPE_MEMORY:
        // The word that a push, a call or enter writes is a part of these.
        if index >= visible, unsafe operands[index].mem.base == ZYDIS_REGISTER_RSP { continue }
        machine.storedSize = unsafe instruction.pointee.attributes & Self.repeated != 0 ? 0 : operands[index].size / 8
        machine.stored = unsafe self.address(operands[index].mem, next: next)
        machine.storesSource = index < visible
      default: break
      }
    }
    if Self.isString(unsafe instruction.pointee.meta.category) {
      // Zydis says of none but some that they move on in memory.
      for index in 0..<Int(unsafe instruction.pointee.operand_count) {
        guard unsafe operands[index].type == ZYDIS_OPERAND_TYPE_MEMORY else { continue }
        machine.written.formUnion(registerSets[Int(unsafe operands[index].mem.base.rawValue)])
      }
    }
    return machine
  }

  /// movs, cmps, scas, lods, stos, ins, outs.
  private static func isString(_ category: ZydisInstructionCategory) -> Bool {
    category == ZYDIS_CATEGORY_STRINGOP || category == ZYDIS_CATEGORY_IOSTRINGOP
  }

  /// The actions that write, always or on a condition.
  private static let writes = ZydisOperandActions(ZYDIS_OPERAND_ACTION_MASK_WRITE.rawValue)
  /// ZYDIS_ATTRIB_HAS_REP, _REPE and _REPNE, which Swift does not import.
  private static let repeated: UInt64 = 1 << 28 | 1 << 29 | 1 << 30

  private func operand(_ index: Int, next: UInt64) -> MachineOperand {
    var operand = MachineOperand()
    operand.size = unsafe operands[index].size / 8
    switch unsafe operands[index].type {
    case ZYDIS_OPERAND_TYPE_REGISTER:
      operand.kind = .register
      operand.register = generalRegisters[Int(unsafe operands[index].reg.value.rawValue)]
    case ZYDIS_OPERAND_TYPE_MEMORY:
      operand.kind = unsafe operands[index].mem.type == ZYDIS_MEMOP_TYPE_AGEN ? .address : .memory
      operand.address = self.address(unsafe operands[index].mem, next: next)
    case ZYDIS_OPERAND_TYPE_IMMEDIATE:
      let number = unsafe operands[index].imm.value.s
      operand.kind = unsafe operands[index].imm.is_relative != 0 ? .target : .number
      operand.number = operand.kind == .target ? Int64(bitPattern: next) &+ number : number
    default: break
    }
    return operand
  }

  private func address(_ memory: ZydisDecodedOperandMem, next: UInt64) -> Instruction.Address {
    var address = Instruction.Address(displacement: memory.disp.value)
    if memory.segment == ZYDIS_REGISTER_FS || memory.segment == ZYDIS_REGISTER_GS { address.isElsewhere = true }
    if memory.base == ZYDIS_REGISTER_RIP {
      address.displacement = Int64(bitPattern: next) &+ memory.disp.value
      return address
    }
    if memory.base != ZYDIS_REGISTER_NONE {
      address.base = generalRegisters[Int(memory.base.rawValue)]
      if !Self.isWhole(memory.base) { address.isElsewhere = true }
    }
    if memory.index != ZYDIS_REGISTER_NONE {
      address.index = generalRegisters[Int(memory.index.rawValue)]
      address.scale = memory.scale
      if !Self.isWhole(memory.index) { address.isElsewhere = true }
    }
    return address
  }

  /// All 64 bits of a general register.
  private static func isWhole(_ register: ZydisRegister) -> Bool {
    register.rawValue >= ZYDIS_REGISTER_RAX.rawValue && register.rawValue <= ZYDIS_REGISTER_R15.rawValue
  }

  private func branch() -> MachineInstruction.Branch {
    switch unsafe instruction.pointee.meta.category {
    case ZYDIS_CATEGORY_COND_BR: return .conditional
    case ZYDIS_CATEGORY_UNCOND_BR: return .unconditional
    case ZYDIS_CATEGORY_CALL: return .call
    default: break
    }
    switch unsafe instruction.pointee.mnemonic {
    case ZYDIS_MNEMONIC_RET:
      // A far one pops a code segment as well: no function returns so.
      return unsafe instruction.pointee.meta.branch_type == ZYDIS_BRANCH_TYPE_FAR ? .stop : .return
    case ZYDIS_MNEMONIC_SYSCALL, ZYDIS_MNEMONIC_INT: return .system
    case ZYDIS_MNEMONIC_XBEGIN: return .conditional
    case ZYDIS_MNEMONIC_UD0, ZYDIS_MNEMONIC_UD1, ZYDIS_MNEMONIC_UD2, ZYDIS_MNEMONIC_HLT, ZYDIS_MNEMONIC_INT1,
      ZYDIS_MNEMONIC_INT3, ZYDIS_MNEMONIC_IRET, ZYDIS_MNEMONIC_IRETD, ZYDIS_MNEMONIC_IRETQ, ZYDIS_MNEMONIC_UIRET,
      ZYDIS_MNEMONIC_RSM, ZYDIS_MNEMONIC_SYSENTER, ZYDIS_MNEMONIC_SYSRET, ZYDIS_MNEMONIC_SYSEXIT:
      return .stop
    default: return .none
    }
  }

  private static func isSuccess(_ status: ZyanStatus) -> Bool { status & 0x8000_0000 == 0 }
}

/// An instruction that Zydis calls otherwise than the GNU tools do. The other name is never the longer one.
private struct RenamedMnemonic {
  var zydis: [UInt8]
  var gnu: [UInt8]

  /// By Zydis's number.
  static let table: [RenamedMnemonic?] = {
    // Intel's tables give each condition two or three names, of which Zydis and binutils chose differently.
    let conditions = [("nb", "ae"), ("z", "e"), ("nz", "ne"), ("nbe", "a"), ("nl", "ge"), ("nle", "g")]
    var names: [String: String] = [:]
    for (zydis, gnu) in conditions {
      for family in ["j", "set", "cmov"] { names[family + zydis] = family + gnu }
    }
    return (0...ZYDIS_MNEMONIC_MAX_VALUE.rawValue).map { number in
      guard let text = unsafe ZydisMnemonicGetString(ZydisMnemonic(rawValue: number)) else { return nil }
      let zydis = unsafe String(cString: text)
      return names[zydis].map { RenamedMnemonic(zydis: Array(zydis.utf8), gnu: Array($0.utf8)) }
    }
  }()
}

extension MachineInstruction.Operation {
  /// By Zydis's number.
  fileprivate static let byMnemonic: [MachineInstruction.Operation] = {
    var table = [MachineInstruction.Operation](repeating: .other, count: Int(ZYDIS_MNEMONIC_MAX_VALUE.rawValue) + 1)
    for (mnemonic, operation) in [
      (ZYDIS_MNEMONIC_PUSH, MachineInstruction.Operation.push), (ZYDIS_MNEMONIC_POP, .pop),
      (ZYDIS_MNEMONIC_PUSHF, .pushFlags), (ZYDIS_MNEMONIC_PUSHFQ, .pushFlags), (ZYDIS_MNEMONIC_POPF, .popFlags),
      (ZYDIS_MNEMONIC_POPFQ, .popFlags), (ZYDIS_MNEMONIC_MOV, .move), (ZYDIS_MNEMONIC_LEA, .loadAddress),
      (ZYDIS_MNEMONIC_ADD, .add), (ZYDIS_MNEMONIC_SUB, .subtract), (ZYDIS_MNEMONIC_INC, .increment),
      (ZYDIS_MNEMONIC_DEC, .decrement), (ZYDIS_MNEMONIC_AND, .and), (ZYDIS_MNEMONIC_XOR, .xor),
      (ZYDIS_MNEMONIC_XCHG, .exchange), (ZYDIS_MNEMONIC_LEAVE, .leave), (ZYDIS_MNEMONIC_ENTER, .enter),
      (ZYDIS_MNEMONIC_NOP, .nothing), (ZYDIS_MNEMONIC_MOVZX, .zeroExtend), (ZYDIS_MNEMONIC_MOVSXD, .signExtend),
    ] { table[Int(mnemonic.rawValue)] = operation }
    for mnemonic in [
      ZYDIS_MNEMONIC_CMP, ZYDIS_MNEMONIC_TEST, ZYDIS_MNEMONIC_BT, ZYDIS_MNEMONIC_UCOMISS,
      ZYDIS_MNEMONIC_UCOMISD, ZYDIS_MNEMONIC_COMISS, ZYDIS_MNEMONIC_COMISD, ZYDIS_MNEMONIC_ENDBR64,
    ] { table[Int(mnemonic.rawValue)] = .inert }
    return table
  }()
}

extension GeneralRegister {
  /// By Zydis's number; nil for those that are no part of a general register.
  fileprivate static let byZydisRegister: [GeneralRegister?] = {
    // Intel's numbers to DWARF's (psABI, figure 3.36).
    let numbers: [UInt8] = [0, 2, 1, 3, 7, 6, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15]
    return (0...ZYDIS_REGISTER_MAX_VALUE.rawValue).map { number in
      let whole = ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, ZydisRegister(rawValue: number))
      guard ZydisRegisterGetClass(whole) == ZYDIS_REGCLASS_GPR64 else { return nil }
      return GeneralRegister(rawValue: numbers[Int(ZydisRegisterGetId(whole))])
    }
  }()
  /// The same as sets of one or none.
  fileprivate static let setsByZydisRegister = byZydisRegister.map { $0.map(RegisterSet.init) ?? [] }
}
