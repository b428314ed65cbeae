package import CallFrameInfo

/// A stretch of addresses that hold instructions, with its name.
package struct CodeSection: Sendable {
  /// The section's name; of a segment "segment 2".
  package var name: String
  /// Its addresses.
  package var addresses: Range<UInt64>
  /// Its bytes where they are not simply those of the file: of a relocatable file, with relocations applied.
  package var relocated: [UInt8]?
  /// Fields of a relocatable file whose value a linker makes, ascending.
  package var unresolved: [UnresolvedField] = []

  package init(name: String, addresses: Range<UInt64>) {
    self.name = name
    self.addresses = addresses
  }
}

extension CodeSection {
  /// The symbol that the instruction at `address` refers to and the file does not define. O(log n).
  package func unresolvedSymbol(at address: UInt64, count: Int) -> String? {
    guard !unresolved.isEmpty else { return nil }
    let offset = address &- addresses.lowerBound
    let index = unresolved.firstIndexAbove(offset) { $0.offset }
    guard index < unresolved.count, unresolved[index].offset - offset < UInt64(count) else { return nil }
    return unresolved[index].symbol
  }
}
