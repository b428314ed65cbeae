internal import CallFrameInfo
internal import Instructions

/// Rows of FDEs that the one being checked jumps to, each made once.
struct ForeignRows {
  /// How many rows are kept; then all are dropped. Each takes half a KiB.
  private static let limit = 4096

  private let table: CallFrameTable
  private let convention: Convention
  private var rows: [UInt64: RowClaims?] = [:]
  /// What is known of each FDE's first row.
  private var entries: [Entry]
  /// How many bytes of instructions may still be executed for rows inside FDEs: a damaged file has many jumps to the end of a
  /// long one.
  private var budget: Int

  /// Of a first row.
  private enum Entry: UInt8 {
    case unseen
    /// It is what the ABI says.
    case right
    case wrong
    /// Another: of a part, a signal handler's return, the outermost frame.
    case other
  }

  init(table: CallFrameTable, convention: Convention) {
    self.table = table
    entries = Array(repeating: .unseen, count: table.fdes.count)
    self.convention = convention
    budget = 1 << 20 + 16 * table.sections.reduce(0) { $0 + $1.bytes.count }
  }

  /// What the row in force at `address` under the FDE of this index says; nil where there is none that can be read.
  mutating func row(at address: UInt64, fde index: Int) -> RowClaims? {
    if let known = rows[address] { return known }
    let fde = table.fdes[index]
    if address != fde.addresses.lowerBound {
      guard budget > 0 else { return nil }
      budget -= fde.instructions.count
    }
    var made: RowClaims?
    var all = table.rows(of: fde)
    if let row = try? all.row(covering: address) {
      made = RowClaims(row, returnAddressRegister: table.cie(of: fde).returnAddressRegister, convention)
    }
    if rows.count >= Self.limit { rows.removeAll(keepingCapacity: true) }
    rows[address] = .some(made)
    return made
  }

  /// Whether a function's first row contradicts what the ABI says of its entry.
  mutating func isWrongEntry(of index: Int) -> Bool {
    if entries[index] == .unseen { entries[index] = entry(of: index) }
    return entries[index] == .wrong
  }

  /// Whether the first row of an FDE says that there is no return address.
  mutating func isOutermost(_ index: Int) -> Bool {
    if entries[index] == .unseen { entries[index] = entry(of: index) }
    return entries[index] == .other
      && row(at: table.fdes[index].addresses.lowerBound, fde: index)?.isOutermost == true
  }

  private mutating func entry(of index: Int) -> Entry {
    let fde = table.fdes[index]
    let cie = table.cie(of: fde)
    guard !cie.isSignalFrame, let row = row(at: fde.addresses.lowerBound, fde: index), !row.isOutermost else {
      return .other
    }
    if row.isEntry { return .right }
    var entry = AbstractState.entry
    let judgement = Judge(section: table.section(of: fde), cie: cie)
      .judge(row, &entry, pc: fde.addresses.lowerBound)
    return judgement.disagreement.isEmpty ? .other : .wrong
  }
}
