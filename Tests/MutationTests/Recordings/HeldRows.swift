import CallFrameInfo
import ExecutionRecordings
import Foundation

/// The rows of a file held against what stepping saw of it.
struct HeldRows {
  /// What a row recovers wrongly at a visit.
  struct Miss {
    let pc: UInt64
    /// DWARF number of the register, 16 for the return address, nil for the CFA.
    let register: UInt16?
    /// It is looked for by an expression that begins at rbp, and rbp is the caller's again.
    let isBehindFrame: Bool
    let text: String
  }

  /// DW_OP_breg6.
  private static let rbp: UInt8 = 0x76

  /// Visits whose row was evaluated.
  private(set) var visits = 0
  private(set) var misses: [Miss] = []
  /// Visits to instructions without a row.
  private(set) var missing: [UInt64] = []
  /// Values compared: CFAs, return addresses, callee-saved registers.
  private(set) var values = 0

  init(_ recording: Recording, _ table: CallFrameTable) throws {
    var rows: [UInt64: (Row, CIE, CallFrameSection)] = [:]
    for visit in recording.visits {
      if rows[visit.pc] == nil, let fde = table.fde(at: visit.pc), let row = try table.row(at: visit.pc) {
        rows[visit.pc] = (row, table.cie(of: fde), table.section(of: fde))
      }
      guard let (row, cie, section) = rows[visit.pc] else {
        missing.append(visit.pc)
        continue
      }
      visits += 1
      let truth = RecoveredFrame(of: recording.activations[visit.activation])
      let found = RowMeaning(row, cie: cie, in: section).frame(
        VisitContext(recording: recording, visit: visit))
      compare(found.cfa, truth.cfa, nil, visit.pc)
      compare(found.returnAddress, truth.returnAddress, 16, visit.pc)
      let isCallersFrame = visit.registers[6] == recording.activations[visit.activation].entry[6]
      for (place, number) in RowMeaning.registers.enumerated() where truth.registers[place] != nil {
        var isBehindFrame = false
        if case .expression(let block) = row.registers[number], section.bytes[block.range].first == Self.rbp {
          isBehindFrame = isCallersFrame
        }
        compare(found.registers[place], truth.registers[place], number, visit.pc, isBehindFrame)
      }
    }
  }

  private mutating func compare(
    _ found: UInt64?, _ truth: UInt64?, _ register: UInt16?, _ pc: UInt64, _ isBehindFrame: Bool = false
  ) {
    values += 1
    guard found != truth else { return }
    let name = register.map { $0 == 16 ? "return address" : "register \($0)" } ?? "CFA"
    func hexadecimal(_ value: UInt64?) -> String { value.map { "0x" + String($0, radix: 16) } ?? "lost" }
    misses.append(
      Miss(
        pc: pc, register: register, isBehindFrame: isBehindFrame,
        text: "\(hexadecimal(pc)): \(name) \(hexadecimal(found)), not \(hexadecimal(truth))"))
  }
}
