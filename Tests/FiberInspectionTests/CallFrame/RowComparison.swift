import CLibdw
import CallFrameInfo

/// Our rows of one section of a file beside libdw's.
struct RowComparison {
  /// What was compared and what differs, of one or more sections.
  struct Result {
    var fdes = 0
    var rows = 0
    var expressions = 0
    /// The first few, in words.
    var differences: [String] = []
    var differenceCount = 0

    mutating func differ(_ text: String) {
      differenceCount += 1
      if differences.count < 10 { differences.append(text) }
    }

    mutating func add(_ other: Result) {
      fdes += other.fdes
      rows += other.rows
      expressions += other.expressions
      differenceCount += other.differenceCount
      differences += other.differences.prefix(10 - min(10, differences.count))
    }
  }

  /// Registers asked for in every row: the general ones and the return address, and some that the ABI says nothing of.
  static let registers = Array(UInt16(0)...16) + [17, 32, 49, 66]

  private(set) var result = Result()
  private let kind: CallFrameSection.Kind
  private let path: String

  /// Compares all rows; nil where the file has no such section.
  static func compare(_ path: String, _ kind: CallFrameSection.Kind) -> Result? {
    guard let file = LibdwFile(path), let section = file.callFrameSection(kind) else { return nil }
    var comparison = RowComparison(kind: kind, path: path)
    unsafe comparison.compare(file, section)
    return comparison.result
  }

  private init(kind: CallFrameSection.Kind, path: String) {
    self.kind = kind
    self.path = path
  }

  @unsafe private mutating func compare(_ file: LibdwFile, _ section: CallFrameSection) {
    let table = CallFrameTable([section])
    for defect in table.defects { result.differ("\(defect)") }
    result.fdes = table.fdes.count
    let offsets = (cies: table.cies.map(\.offset), fdes: table.fdes.map(\.offset).sorted())
    if file.recordOffsets(kind).map({ $0 == offsets }) != true { result.differ("\(path): libdw has other records") }
    guard let information = unsafe file.information(kind) else {
      result.differ("\(path): libdw has no call frame information")
      return
    }
    for fde in table.fdes {
      let starts = Self.libdwStarts(of: fde, in: table)
      var rows = table.rows(of: fde)
      let end = fde.addresses.upperBound
      if (table.fde(at: end) == nil) != (unsafe LibdwFrame(at: end, in: information) == nil) {
        result.differ("\(path): 0x\(String(end, radix: 16)): covered here or in libdw, not in both")
      }
      do {
        while let row = try rows.next() {
          result.rows += 1
          let last = row.addresses.upperBound - 1
          unsafe compare(row, at: row.addresses.lowerBound, starts, table, table.cie(of: fde), information)
          if last > row.addresses.lowerBound {
            unsafe compare(row, at: last, starts, table, table.cie(of: fde), information)
          }
          if try table.row(at: last) != row {
            result.differ("\(place(last, row, table)): not the row found by address")
          }
        }
      } catch {
        result.differ("\(error)")
      }
    }
  }

  private func place(_ address: UInt64, _ row: Row, _ table: CallFrameTable) -> String {
    let words = CallFrameWords(table.sections[0]).describe(row)
    return "\(path): 0x\(String(address, radix: 16)) (\(words))"
  }

  @unsafe private mutating func compare(
    _ row: Row, at address: UInt64, _ starts: [UInt64: UInt64], _ table: CallFrameTable, _ cie: CIE,
    _ information: OpaquePointer
  ) {
    guard let frame = unsafe LibdwFrame(at: address, in: information), let info = frame.info() else {
      result.differ("\(place(address, row, table)): libdw has no row")
      return
    }
    let start = starts[row.addresses.lowerBound] ?? row.addresses.lowerBound
    if info.addresses != start..<row.addresses.upperBound || info.isSignalFrame != cie.isSignalFrame
      || info.returnAddress != Int32(cie.returnAddressRegister)
    {
      result.differ("\(place(address, row, table)): libdw says \(info)")
    }
    let place = place
    compare(row, frame, table.sections[0]) { place(address, row, table) }
  }

  /// Where libdw says that rows start which begin elsewhere, by their start: `DW_CFA_restore_state` restores the start
  /// of the row in which the state was remembered, until the next advance (elfutils, libdw/cfi.c: the start is part of
  /// the state that it keeps).
  private static func libdwStarts(of fde: FDE, in table: CallFrameTable) -> [UInt64: UInt64] {
    var starts: [UInt64: UInt64] = [:]
    var reader = CFAInstructionReader(of: fde, cie: table.cie(of: fde), in: table.section(of: fde))
    var location = fde.addresses.lowerBound
    var start = location
    var remembered: [UInt64] = []
    while let instruction = try? reader.next() {
      let factor = table.cie(of: fde).codeAlignment
      switch instruction {
      case .rememberState:
        remembered.append(start)
        continue
      case .restoreState:
        start = remembered.popLast() ?? start
        starts[location] = start == location ? nil : start
        continue
      case .advanceLocation(let delta), .advanceLocation1(let delta): location += UInt64(delta) * factor
      case .advanceLocation2(let delta): location += UInt64(delta) * factor
      case .advanceLocation4(let delta): location += UInt64(delta) * factor
      case .setLocation(let address): location = address
      default: continue
      }
      start = location
    }
    return starts
  }

  private mutating func compare(
    _ row: Row, _ frame: borrowing LibdwFrame, _ section: CallFrameSection, _ place: () -> String
  ) {
    var context = MadeUpContext(seed: row.addresses.lowerBound, cfa: nil)
    let operations = frame.cfa() ?? []
    switch row.cfa {
    case .unspecified: if !operations.isEmpty { result.differ("\(place()): libdw has CFA \(operations)") }
    case .register(let register, let offset):
      let expected = LibdwOperation(atom: 0x92, number: UInt64(register), number2: UInt64(bitPattern: offset))
      if operations != [expected] { result.differ("\(place()): libdw has CFA \(operations)") }
      context.cfa = LibdwEvaluator.evaluate(operations, context)
    case .expression(let block):
      compare(block, operations, [], section, context) { "\(place()): CFA" }
      context.cfa = LibdwEvaluator.evaluate(operations, context)
    }
    var registers = Self.registers
    for (register, _) in row.registers where register > 16 && !registers.contains(register) {
      registers.append(register)
    }
    for register in registers {
      let location = frame.location(of: register)
      let rule = row.registers[register]
      switch (rule, location) {
      case (.expression(let block), .operations(let operations)):
        compare(block, operations, [context.cfa ?? 0], section, context) { "\(place()): register \(register)" }
      case (.valueExpression(let block), .operations(var operations)):
        if operations.popLast()?.atom != 0x9f { result.differ("\(place()): register \(register) is no value in libdw") }
        compare(block, operations, [context.cfa ?? 0], section, context) { "\(place()): register \(register)" }
      default:
        if location != Self.expected(register, rule) {
          result.differ("\(place()): register \(register) is \(rule), libdw says \(location)")
        }
      }
    }
  }

  /// What libdw says of a register with a rule that is no expression.
  private static func expected(_ register: UInt16, _ rule: RegisterRule) -> LibdwLocation {
    switch rule {
    case .undefined: return .undefined
    case .sameValue: return .sameValue
    case .offset(let offset), .valueOffset(let offset):
      var operations = [LibdwOperation(atom: 0x9c)]
      if offset != 0 { operations.append(LibdwOperation(atom: 0x23, number: UInt64(bitPattern: offset))) }
      if case .valueOffset = rule { operations.append(LibdwOperation(atom: 0x9f)) }
      return .operations(operations)
    case .register(let source): return .operations([LibdwOperation(atom: 0x90, number: UInt64(source))])
    case .unspecified:
      // elfutils, backends/x86_64_cfi.c: callee-saved registers and the return address keep their value, rsp is the
      // CFA, all others are lost. It gives rbx the number 0, which is rax's (measured with 0.188): rbx is 3.
      if register == 7 { return .operations([LibdwOperation(atom: 0x9c), LibdwOperation(atom: 0x9f)]) }
      return [0, 6, 12, 13, 14, 15, 16].contains(register) ? .sameValue : .undefined
    case .expression, .valueExpression: return .failed
    }
  }

  /// An expression operation by operation, and what it computes.
  private mutating func compare(
    _ block: ExpressionBlock, _ theirs: [LibdwOperation], _ initial: [UInt64], _ section: CallFrameSection,
    _ context: MadeUpContext, _ place: () -> String
  ) {
    result.expressions += 1
    var ours: [LibdwOperation] = initial.isEmpty ? [] : [LibdwOperation(atom: 0x9c)]
    var reader = OperationReader(block, in: section)
    do {
      while let operation = try reader.next() {
        ours.append(LibdwOperation(atom: operation.code.rawValue, number: operation.first, number2: operation.second))
      }
      if ours != theirs { result.differ("\(place()): operations \(ours), libdw \(theirs)") }
      for seed in context.seed..<context.seed + 128 {
        let context = MadeUpContext(seed: seed, cfa: context.cfa)
        let value = try ExpressionEvaluator.evaluate(block, in: section, initial: initial, context: context)
        if value != LibdwEvaluator.evaluate(theirs, context) { result.differ("\(place()): value \(value)") }
      }
    } catch {
      result.differ("\(place()): \(error)")
    }
  }
}
