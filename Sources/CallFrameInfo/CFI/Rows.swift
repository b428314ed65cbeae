/// The rows of one FDE in the order of their addresses, made as they are asked for.
///
/// `DW_CFA_restore_state` restores the CFA with the registers, as every consumer but old ones does; the size of
/// arguments is not part of the state. An advance by 0 makes no row.
public struct Rows: Sendable {
  /// How many states may be remembered at a time. Compilers use one or two; each takes half a KiB or more.
  public static let deepestState = 64

  /// The FDE.
  public private(set) var fde: FDE
  /// Its CIE.
  public let cie: CIE
  /// Where both are.
  public let section: CallFrameSection

  struct State: Sendable {
    var cfa: CFARule
    var registers: RegisterRules
  }

  private enum Phase: Sendable, Hashable {
    case initial
    case running
    case failed(CallFrameError)
    case finished
  }

  private var phase = Phase.initial
  private var reader: CFAInstructionReader
  /// The row being made; its addresses begin at the current location.
  private var current: Row
  private var initial: State?
  private var remembered: [State] = []

  /// The rows of `fde` of `section`, whose CIE is `cie`.
  public init(of fde: FDE, cie: CIE, in section: CallFrameSection) {
    self.fde = fde
    self.cie = cie
    self.section = section
    reader = CFAInstructionReader(of: cie, in: section)
    current = Row(addresses: fde.addresses)
  }

  /// The rows of `fde`, of the same CIE as those of `begun`, which has executed its instructions.
  init(of fde: FDE, after begun: Rows) {
    self = begun
    self.fde = fde
    guard phase == .running else { return }
    reader = CFAInstructionReader(of: fde, cie: cie, in: section)
    current.addresses = fde.addresses.lowerBound..<fde.addresses.lowerBound
  }

  /// These rows with the CIE's instructions executed. Many FDEs may share a CIE of any size.
  func begun() -> Rows {
    var rows = self
    do throws(CallFrameError) {
      try rows.start()
    } catch {
      rows.phase = .failed(error)
    }
    return rows
  }

  /// The next row, nil after the last. Linear in the instructions between the two rows.
  ///
  /// - Throws: what is wrong with an instruction; the row that it belongs to and all after it are lost. Where the
  ///   instructions advance beyond the end of the FDE, the last row comes first, cut off at the end.
  public mutating func next() throws(CallFrameError) -> Row? {
    try step() ? current : nil
  }

  /// The row that covers `address`, nil where none does. Reads no further. Linear in the instructions before it.
  ///
  /// - Throws: as `next()`.
  public mutating func row(covering address: UInt64) throws(CallFrameError) -> Row? {
    guard fde.addresses.contains(address) else { return nil }
    while try step() {
      if address < current.addresses.upperBound { return current }
    }
    return nil
  }

  /// Makes `current` the next row; false after the last.
  private mutating func step() throws(CallFrameError) -> Bool {
    do throws(CallFrameError) {
      switch phase {
      case .initial: try start()
      case .running: break
      case .failed(let error): throw error
      case .finished: return false
      }
      return try run()
    } catch {
      phase = .finished
      throw error
    }
  }

  /// Executes the CIE's instructions.
  private mutating func start() throws(CallFrameError) {
    while let instruction = try reader.next() {
      if let target = try target(of: instruction) {
        throw error(.misplaced, "DW_CFA_\(instruction.name) to 0x\(String(target, radix: 16)) in a CIE")
      }
      try apply(instruction)
    }
    initial = State(cfa: current.cfa, registers: current.registers)
    remembered = []
    reader = CFAInstructionReader(of: fde, cie: cie, in: section)
    phase = .running
    current.addresses = fde.addresses.lowerBound..<fde.addresses.lowerBound
  }

  /// Executes up to the next advance.
  private mutating func run() throws(CallFrameError) -> Bool {
    let start = current.addresses.upperBound
    let end = fde.addresses.upperBound
    while let instruction = try reader.next() {
      guard let target = try target(of: instruction) else {
        try apply(instruction)
        continue
      }
      if target == start { continue }
      if target < start {
        throw error(
          .location,
          "DW_CFA_\(instruction.name) goes back from 0x\(String(start, radix: 16)) to 0x\(String(target, radix: 16))")
      }
      if target > end {
        let beyond = error(
          .location,
          "DW_CFA_\(instruction.name) goes to 0x\(String(target, radix: 16)), "
            + "beyond the FDE's end at 0x\(String(end, radix: 16))")
        if start == end { throw beyond }
        phase = .failed(beyond)
      }
      current.addresses = start..<min(target, end)
      return true
    }
    phase = .finished
    current.addresses = start..<end
    return start < end
  }

  /// The location that an instruction moves to, nil where it is none that does.
  private func target(of instruction: CFAInstruction) throws(CallFrameError) -> UInt64? {
    let delta: UInt64
    switch instruction {
    case .advanceLocation(let value), .advanceLocation1(let value): delta = UInt64(value)
    case .advanceLocation2(let value): delta = UInt64(value)
    case .advanceLocation4(let value): delta = UInt64(value)
    case .mipsAdvanceLocation8(let value): delta = value
    case .setLocation(let address): return address
    default: return nil
    }
    let (distance, tooFar) = delta.multipliedReportingOverflow(by: cie.codeAlignment)
    let (target, beyond) = current.addresses.upperBound.addingReportingOverflow(distance)
    guard !tooFar, !beyond else {
      throw error(.location, "DW_CFA_\(instruction.name) goes beyond 64 bits")
    }
    return target
  }

  private func error(_ code: CallFrameError.Code, _ text: String) -> CallFrameError {
    section.error(code, at: reader.offset, text)
  }
}

extension Rows {
  /// Executes an instruction that does not advance.
  private mutating func apply(_ instruction: CFAInstruction) throws(CallFrameError) {
    switch instruction {
    case .offset(let register, let factored), .offsetExtended(let register, let factored):
      try set(register, .offset(try multiplied(factored)))
    case .offsetExtendedSigned(let register, let factored):
      try set(register, .offset(try multiplied(factored)))
    case .gnuNegativeOffsetExtended(let register, let factored):
      let (negated, overflow) = Int64(0).subtractingReportingOverflow(try multiplied(factored))
      if overflow { throw tooFar() }
      try set(register, .offset(negated))
    case .valueOffset(let register, let factored): try set(register, .valueOffset(try multiplied(factored)))
    case .valueOffsetSigned(let register, let factored): try set(register, .valueOffset(try multiplied(factored)))
    case .restore(let register), .restoreExtended(let register):
      guard let initial else {
        throw error(.misplaced, "DW_CFA_\(instruction.name) in a CIE, whose rules it would restore")
      }
      try set(register, initial.registers[register])
    case .undefined(let register): try set(register, .undefined)
    case .sameValue(let register): try set(register, .sameValue)
    case .register(let register, let source): try set(register, .register(source))
    case .expression(let register, let block): try set(register, .expression(block))
    case .valueExpression(let register, let block): try set(register, .valueExpression(block))
    case .rememberState:
      guard remembered.count < Self.deepestState else {
        throw error(.limit, "more than \(Self.deepestState) states remembered at a time")
      }
      remembered.append(State(cfa: current.cfa, registers: current.registers))
    case .restoreState:
      guard let state = remembered.popLast() else {
        throw error(.unbalanced, "DW_CFA_restore_state without a remembered state")
      }
      current.cfa = state.cfa
      current.registers = state.registers
    case .gnuArgumentsSize(let size): current.argumentsSize = size
    case .aarch64NegateReturnAddressStateWithPC, .gnuWindowSave:
      throw error(.unsupported, "DW_CFA_\(instruction.name), which x86-64 does not have")
    case .defineCFA, .defineCFASigned, .defineCFARegister, .defineCFAOffset, .defineCFAOffsetSigned,
      .defineCFAExpression:
      try defineCFA(instruction)
    case .nop, .setLocation, .advanceLocation, .advanceLocation1, .advanceLocation2, .advanceLocation4,
      .mipsAdvanceLocation8:
      break
    }
  }

  /// DWARF 5, §6.4.2.2.
  private mutating func defineCFA(_ instruction: CFAInstruction) throws(CallFrameError) {
    switch instruction {
    case .defineCFA(let register, let offset): current.cfa = .register(register, offset: try signed(offset))
    case .defineCFASigned(let register, let factored):
      current.cfa = .register(register, offset: try multiplied(factored))
    case .defineCFARegister(let register):
      current.cfa = .register(register, offset: try currentCFA(for: instruction).offset)
    case .defineCFAOffset(let offset):
      current.cfa = .register(try currentCFA(for: instruction).register, offset: try signed(offset))
    case .defineCFAOffsetSigned(let factored):
      current.cfa = .register(try currentCFA(for: instruction).register, offset: try multiplied(factored))
    case .defineCFAExpression(let block): current.cfa = .expression(block)
    default: break
    }
  }

  /// The register and offset that an instruction changes one of.
  private func currentCFA(
    for instruction: CFAInstruction
  ) throws(CallFrameError) -> (register: UInt16, offset: Int64) {
    switch current.cfa {
    case .register(let register, let offset): return (register, offset)
    case .unspecified: throw error(.misplaced, "DW_CFA_\(instruction.name) where no CFA is defined yet")
    case .expression: throw error(.misplaced, "DW_CFA_\(instruction.name) where the CFA is an expression")
    }
  }

  private mutating func set(_ register: UInt16, _ rule: RegisterRule) throws(CallFrameError) {
    guard register <= RegisterRules.highestRegister else {
      throw error(.limit, "register \(register), rules are kept up to \(RegisterRules.highestRegister)")
    }
    current.registers[register] = rule
  }

  private func multiplied(_ factored: UInt64) throws(CallFrameError) -> Int64 {
    try multiplied(try signed(factored))
  }

  private func multiplied(_ factored: Int64) throws(CallFrameError) -> Int64 {
    let (offset, overflow) = factored.multipliedReportingOverflow(by: cie.dataAlignment)
    if overflow { throw tooFar() }
    return offset
  }

  private func signed(_ offset: UInt64) throws(CallFrameError) -> Int64 {
    guard let offset = Int64(exactly: offset) else { throw tooFar() }
    return offset
  }

  private func tooFar() -> CallFrameError { error(.malformed, "an offset of more than 63 bits") }
}
