extension ELFFile {
  /// The names behind words that the dynamic linker fills with addresses of functions or data: entries of the global offset table
  /// (R_X86_64_GLOB_DAT, R_X86_64_JUMP_SLOT) and words of data (R_X86_64_64), by their address. A relocatable file has none.
  /// O(relocations of loaded sections).
  ///
  /// - Throws: `truncated` or `malformed` if those relocations or their symbols cannot be read.
  public func importedWords() throws(ELFError) -> [UInt64: String] {
    guard !isLaidOut else { return [:] }
    // A file has one table for its dynamic linker.
    guard let table = sections.first(where: { $0.kind == .dynamicSymbols }) else { return [:] }
    let symbols = try self.symbols(of: table)
    var names: [UInt64: String] = [:]
    // Many words have the symbol of others.
    var known: [UInt32: String] = [:]
    // Tables that overlap in the file would be read as often as there are sections.
    var end: UInt64 = 0
    let tables = sections.filter {
      $0.kind == .relocationsWithAddends && $0.isAllocated && Int($0.link) == table.index && $0.fileRange != nil
    }
    for section in tables.sorted(by: { $0.fileOffset < $1.fileOffset }) where section.fileOffset >= end {
      end = section.fileRange?.upperBound ?? .max
      let bytes = try storedBytes(of: section)
      for offset in stride(from: 0, to: bytes.count, by: Relocation.sizeWithAddend) {
        guard let relocation = Relocation(bytes, at: offset, hasAddend: true),
          [1, 6, 7].contains(relocation.kind.rawValue), symbols.indices.contains(Int(relocation.symbol))
        else { continue }
        let name = known[relocation.symbol] ?? symbols.name(of: symbols[Int(relocation.symbol)])
        known[relocation.symbol] = name
        if !name.isEmpty { names[relocation.offset] = name }
      }
    }
    return names
  }
}
