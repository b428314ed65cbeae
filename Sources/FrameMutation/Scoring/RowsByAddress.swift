internal import CallFrameInfo

/// The rows of a file by the address that is looked up, those of each FDE made once.
struct RowsByAddress {
  private let table: CallFrameTable
  private var rows: [Int: [(addresses: Range<UInt64>, meaning: RowMeaning)]] = [:]

  init(_ table: CallFrameTable) { self.table = table }

  /// What the row of an address says, nil where none can be read.
  mutating func meaning(at address: UInt64) -> RowMeaning? {
    guard let index = table.index(at: address) else { return nil }
    let known = rows[index] ?? read(index)
    rows[index] = known
    return known.first { $0.addresses.contains(address) }?.meaning
  }

  /// Whether the frame of an address was interrupted rather than made a call: its own address is looked up, not the one before.
  func isSignalFrame(at address: UInt64) -> Bool {
    table.fde(at: address).map { table.cie(of: $0).isSignalFrame } ?? false
  }

  private func read(_ index: Int) -> [(addresses: Range<UInt64>, meaning: RowMeaning)] {
    let fde = table.fdes[index]
    var reader = table.rows(of: fde)
    var result: [(addresses: Range<UInt64>, meaning: RowMeaning)] = []
    // Rows behind an instruction that cannot be read are lost to every reader.
    while let row = try? reader.next() {
      result.append((row.addresses, RowMeaning(row, cie: table.cie(of: fde), in: table.section(of: fde))))
    }
    return result
  }
}
