extension ELFFile {
  /// Words that the dynamic linker fills with addresses in this file (R_X86_64_RELATIVE), by their address: what it adds the load
  /// address to. A relocatable file has none. O(relocations of loaded sections).
  ///
  /// - Throws: `truncated` if those relocations cannot be read.
  package func relativeWords() throws(ELFError) -> [UInt64: Int64] {
    guard !isLaidOut else { return [:] }
    var words: [UInt64: Int64] = [:]
    // Tables that overlap in the file would be read as often as there are sections.
    var end: UInt64 = 0
    let tables = sections.filter { $0.kind == .relocationsWithAddends && $0.isAllocated && $0.fileRange != nil }
    for section in tables.sorted(by: { $0.fileOffset < $1.fileOffset }) where section.fileOffset >= end {
      end = section.fileRange?.upperBound ?? .max
      let bytes = try storedBytes(of: section)
      for offset in stride(from: 0, to: bytes.count, by: Relocation.sizeWithAddend) {
        guard let relocation = Relocation(bytes, at: offset, hasAddend: true), relocation.kind.rawValue == 8 else {
          continue
        }
        words[relocation.offset] = relocation.addend
      }
    }
    return words
  }
}
