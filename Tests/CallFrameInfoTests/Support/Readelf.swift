@testable import CallFrameInfo

/// What binutils' readelf says of a file.
struct Readelf {
  /// `readelf -SW`: one line a section, in the words of `line(_:)`.
  let sections: [String]
  /// `readelf -sW`: by the name of the table, one line a symbol.
  let symbols: [String: [String]]

  init(_ path: String) throws {
    let text = try SystemTool.run("/usr/bin/readelf", ["-SsW", path])
    var sections: [String] = []
    var symbols: [String: [String]] = [:]
    var table: String?
    for line in text.split(separator: "\n") {
      if line.hasPrefix("Symbol table '") {
        table = String(line.split(separator: "'")[1])
      } else if let table {
        if let symbol = Self.symbol(line) { symbols[table, default: []].append(symbol) }
      } else if line.hasPrefix("  ["), !line.contains("[Nr]"), let section = Self.section(line) {
        sections.append(section)
      }
    }
    self.sections = sections
    self.symbols = symbols
  }

  /// "  [ 5] .text PROGBITS 0000000000000000 000078 000048 00 AX 0 0 1": name, type, address, offset, size, entry size, flags that
  /// may be missing, link, info, alignment.
  private static func section(_ line: Substring) -> String? {
    guard let close = line.firstIndex(of: "]") else { return nil }
    let words = line[line.index(after: close)...].split(separator: " ")
    guard let address = words.firstIndex(where: { $0.count == 16 && UInt64($0, radix: 16) != nil }) else { return nil }
    let fields = words[(address + 1)...].map(String.init)
    guard fields.count >= 6 else { return nil }
    let flags = fields.count == 7 ? fields[3] : ""
    let numbers = fields.prefix(3).map { UInt64($0, radix: 16).map { String($0) } ?? "?" }
    let name = words[..<address].map(String.init)
    let place = [String(UInt64(words[address], radix: 16) ?? 1)] + numbers
    let rest = [flags.filter { "WAXGTC".contains($0) }] + fields.suffix(3)
    return (name + place + rest).joined(separator: " ")
  }

  /// A section in the words of readelf, with its address in a relocatable file 0.
  static func line(_ section: Section, isLaidOut: Bool) -> String {
    let kinds: [UInt32: String] = [
      0: "NULL", 1: "PROGBITS", 2: "SYMTAB", 3: "STRTAB", 4: "RELA", 5: "HASH", 6: "DYNAMIC", 7: "NOTE", 8: "NOBITS",
      9: "REL", 11: "DYNSYM", 14: "INIT_ARRAY", 15: "FINI_ARRAY", 16: "PREINIT_ARRAY", 17: "GROUP",
      18: "SYMTAB SECTION INDICES", 19: "RELR", 0x6fff_fff6: "GNU_HASH", 0x6fff_fffd: "VERDEF", 0x6fff_fffe: "VERNEED",
      0x6fff_ffff: "VERSYM", 0x7000_0001: "X86_64_UNWIND", 0x6fff_fff7: "GNU_LIBLIST", 0x6fff_4c03: "LOOS+0xfff4c03",
    ]
    let kind = kinds[section.kind.rawValue] ?? "0x\(String(section.kind.rawValue, radix: 16))"
    let letters: [(Bool, String)] = [
      (section.isWritable, "W"), (section.isAllocated, "A"), (section.isExecutable, "X"), (section.isGroupMember, "G"),
      (section.isThreadLocal, "T"), (section.isCompressed, "C"),
    ]
    let flags = letters.filter(\.0).map(\.1).joined()
    let numbers = [isLaidOut ? 0 : section.address, section.fileOffset, section.size, section.entrySize].map { "\($0)" }
    let name = section.name.isEmpty ? [] : [section.name]
    return (name + [kind] + numbers + [flags, "\(section.link)", "\(section.info)", "\(section.alignment)"])
      .joined(separator: " ")
  }

  /// "12: 0000000000001234 5 FUNC GLOBAL DEFAULT 14 name@VERSION (2)". Sizes from 100,000 on are hexadecimal.
  private static func symbol(_ line: Substring) -> String? {
    let words = line.split(separator: " ", maxSplits: 6)
    guard words.count >= 7, words[0].last == ":", let value = UInt64(words[1], radix: 16) else { return nil }
    let size = words[2].hasPrefix("0x") ? UInt64(words[2].dropFirst(2), radix: 16) : UInt64(words[2])
    var rest = words[6].drop { $0 == " " }
    // What there is of st_other beyond the visibility.
    if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
      rest = rest[rest.index(after: end)...].drop { $0 == " " }
    }
    let parts = rest.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
    let name = parts.count > 1 ? parts[1].drop { $0 == " " } : ""
    let fields: [String] =
      [String(words[0].dropLast()), "\(value)", "\(size ?? 1)"] + words[3...5].map { String($0) }
      + [String(parts[0]), withoutVersion(String(name))]
    return fields.joined(separator: " ")
  }

  /// readelf adds versions to the names of dynamic symbols, and may find some in those of others.
  private static func withoutVersion(_ name: String) -> String {
    String(name.prefix { $0 != "@" })
  }

  /// A symbol in the words of readelf.
  static func line(_ symbol: ELFSymbol, of symbols: ELFSymbols, in file: ELFFile) -> String {
    let kinds: [UInt8: String] = [
      0: "NOTYPE", 1: "OBJECT", 2: "FUNC", 3: "SECTION", 4: "FILE", 5: "COMMON", 6: "TLS", 10: "IFUNC",
    ]
    let bindings: [UInt8: String] = [0: "LOCAL", 1: "GLOBAL", 2: "WEAK", 10: "UNIQUE"]
    let visibilities = ["DEFAULT", "INTERNAL", "HIDDEN", "PROTECTED"]
    var name = symbols.name(of: symbol)
    var value = symbol.value
    if let index = symbol.sectionIndex, file.sections.indices.contains(index) {
      if file.isLaidOut { value -= file.sections[index].address }
      if name.isEmpty, symbol.kind == .section { name = file.sections[index].name }
    }
    let place =
      switch symbol.placement {
      case .undefined: "UND"
      case .absolute: "ABS"
      case .common: "COM"
      case .reserved(let index): "RSV[0x\(String(index, radix: 16))]"
      case .section(let index): "\(index)"
      }
    return [
      "\(symbol.index)", "\(value)", "\(symbol.size)", kinds[symbol.kind.rawValue] ?? "?",
      bindings[symbol.binding.rawValue] ?? "?", visibilities[Int(symbol.visibility)], place, withoutVersion(name),
    ].joined(separator: " ")
  }

  /// What differs between two listings, nil if nothing does.
  static func difference(_ ours: [String], _ theirs: [String]) -> String? {
    if ours == theirs { return nil }
    let first = zip(ours, theirs).first { $0 != $1 }
    return "\(ours.count) lines and \(theirs.count); first: \(first.map { "\($0) | \($1)" } ?? "none")"
  }

  /// What differs between our reading of a file and readelf's, nil if nothing does.
  static func difference(_ file: ELFFile, path: String) throws -> String? {
    let listing = try Readelf(path)
    let sections = file.sections.map { line($0, isLaidOut: file.isLaidOut) }
    if let difference = difference(sections, listing.sections) { return "\(path): sections: \(difference)" }
    for table in file.sections where table.kind == .symbols || table.kind == .dynamicSymbols {
      let symbols = try file.symbols(of: table)
      let lines = symbols.map { line($0, of: symbols, in: file) }
      if let difference = difference(lines, listing.symbols[table.name] ?? []) {
        return "\(path): \(table.name): \(difference)"
      }
    }
    return nil
  }
}
