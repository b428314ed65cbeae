internal import CallFrameInfo
internal import ExecutionRecordings
internal import FiberInspection

/// The rows of a file by the address that is looked up, those of each FDE made once.
struct RowsByAddress {
  /// A row, and what it says.
  private struct Known {
    var found: FoundRow
    var meaning: RowMeaning
  }

  private let table: CallFrameTable
  private var rows: [Int: [Known]] = [:]

  init(_ table: CallFrameTable) { self.table = table }

  /// What the row of an address says, nil where none can be read.
  mutating func meaning(at address: UInt64) -> RowMeaning? { known(at: address)?.meaning }

  /// The row of an address, nil where none can be read.
  mutating func row(at address: UInt64) -> FoundRow? { known(at: address)?.found }

  private mutating func known(at address: UInt64) -> Known? {
    guard let index = table.index(at: address) else { return nil }
    let known = rows[index] ?? read(index)
    rows[index] = known
    return known.first { $0.found.row.addresses.contains(address) }
  }

  /// Whether the frame of an address was interrupted rather than made a call: its own address is looked up, not the one before.
  func isSignalFrame(at address: UInt64) -> Bool {
    table.fde(at: address).map { table.cie(of: $0).isSignalFrame } ?? false
  }

  private func read(_ index: Int) -> [Known] {
    let fde = table.fdes[index]
    let cie = table.cie(of: fde)
    let section = table.section(of: fde)
    var reader = table.rows(of: fde)
    var result: [Known] = []
    // Rows behind an instruction that cannot be read are lost to every reader.
    while let row = try? reader.next() {
      result.append(
        Known(
          found: FoundRow(row: row, cie: cie, section: section, addresses: fde.addresses),
          meaning: RowMeaning(row, cie: cie, in: section)))
    }
    return result
  }
}
