extension ELFFile {
  /// The names behind words that the dynamic linker fills with addresses of functions or data: entries of the global offset table
  /// (R_X86_64_GLOB_DAT, R_X86_64_JUMP_SLOT) and words of data (R_X86_64_64), by their address. A relocatable file has none.
  /// O(relocations of loaded sections).
  ///
  /// - Throws: `truncated` or `malformed` if those relocations or their symbols cannot be read.
  public func importedWords() throws(ELFError) -> [UInt64: String] {
    guard !isLaidOut else { return [:] }
    var names: [UInt64: String] = [:]
    var tables: [UInt32: ELFSymbols] = [:]
    for section in sections where section.kind == .relocationsWithAddends && section.isAllocated {
      guard section.link > 0, Int(section.link) < sections.count,
        sections[Int(section.link)].kind == .dynamicSymbols
      else { continue }
      let symbols: ELFSymbols
      if let known = tables[section.link] {
        symbols = known
      } else {
        symbols = try self.symbols(of: sections[Int(section.link)])
      }
      tables[section.link] = symbols
      let bytes = try storedBytes(of: section)
      for offset in stride(from: 0, to: bytes.count, by: Relocation.sizeWithAddend) {
        guard let relocation = Relocation(bytes, at: offset, hasAddend: true),
          [1, 6, 7].contains(relocation.kind.rawValue), symbols.indices.contains(Int(relocation.symbol))
        else { continue }
        let name = symbols.name(of: symbols[Int(relocation.symbol)])
        if !name.isEmpty { names[relocation.offset] = name }
      }
    }
    return names
  }
}
