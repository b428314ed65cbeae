extension ELFFile {
  /// R_X86_64_RELATIVE (x86-64 psABI 1.0, table 4.9).
  private static var relative: UInt32 { 8 }

  /// Where the words from `address` on lead that the dynamic linker moves with the file (R_X86_64_RELATIVE): addresses before
  /// relocation, up to the first word that it leaves alone, and at most `limit`.
  ///
  /// Linkers sort these relocations by the word's address; of a file where they are not, words are not found. O(log n) in relocations
  /// and O(words).
  package func relocatedWords(from address: UInt64, limit: Int) -> [UInt64] {
    guard !isLaidOut else { return [] }
    for section in sections {
      guard section.kind == .relocationsWithAddends, section.isAllocated, section.fileRange != nil,
        let start = indexOfRelocation(at: address, in: section)
      else { continue }
      var words: [UInt64] = []
      while words.count < limit, let entry = relativeRelocation(start + UInt64(words.count), of: section),
        entry.offset == address &+ 8 * UInt64(words.count)
      {
        words.append(UInt64(bitPattern: entry.addend ?? 0))
      }
      return words
    }
    return []
  }

  /// The place of the relocation of the word at `address` in a section; nil where it is not found.
  private func indexOfRelocation(at address: UInt64, in section: Section) -> UInt64? {
    var low: UInt64 = 0
    var high = section.size / UInt64(Relocation.sizeWithAddend)
    while low < high {
      let middle = low + (high - low) / 2
      // Those of symbols come behind, in an order of their own.
      if let entry = relativeRelocation(middle, of: section), entry.offset < address {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return relativeRelocation(low, of: section)?.offset == address ? low : nil
  }

  private func relativeRelocation(_ index: UInt64, of section: Section) -> Relocation? {
    let size = UInt64(Relocation.sizeWithAddend)
    guard index < section.size / size, index * size <= UInt64.max - section.fileOffset,
      let entry = Relocation(source.bytes(at: section.fileOffset + index * size, count: size), at: 0, hasAddend: true),
      entry.kind.rawValue == Self.relative
    else { return nil }
    return entry
  }
}
