/// A table of names (gABI, chapter 4, "String Table"): each ends with a NUL and is known by the offset of its first byte.
///
/// Any offset may be named, so names may be the ends of others, and a table of n bytes can be read as n names of n/2 bytes each:
/// whoever reads all names has a `NameBudget` look at them first.
struct NameTable: Sendable {
  let bytes: [UInt8]
  /// Offset of the last NUL: what starts behind it does not end.
  private let lastEnd: Int

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    lastEnd = bytes.lastIndex(of: 0) ?? -1
  }

  /// The bytes of the name at `offset` without its NUL; nil if the offset is outside or no NUL follows. O(its length).
  func name(at offset: UInt32) -> ArraySlice<UInt8>? {
    guard let start = Int(exactly: offset), start <= lastEnd else { return nil }
    var end = start
    while bytes[end] != 0 { end += 1 }
    return bytes[start..<end]
  }
}

/// Bounds the sum of the lengths of names by the size of what they were read from.
///
/// Real tables stay far below: linkers share the ends of names (".rela.text" and ".text") and whole ones, short ones mostly.
struct NameBudget {
  /// Bytes of names that may still be read.
  private var left: Int

  /// - Parameters:
  ///   - table: where the names are.
  ///   - count: how many are read.
  init(_ table: NameTable, count: Int) { left = 16 * table.bytes.count + 256 * count }

  /// False if `name` is beyond the budget.
  mutating func admit(_ name: ArraySlice<UInt8>) -> Bool {
    left -= name.count
    return left >= 0
  }
}
