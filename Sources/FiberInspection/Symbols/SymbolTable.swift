internal import CLibdw
internal import CallFrameInfo
internal import Glibc

/// The functions of a module's symbol table, by address.
struct SymbolTable {
  /// A function of the table.
  struct Symbol {
    /// Its address in the process.
    var start: UInt64
    /// One past its last byte; for a symbol without a size, the start of what follows, or the end of its section.
    var end: UInt64
    /// Its name, not demangled.
    var name: String
    /// It is marked as a function, and no mere label.
    var isFunction = true
  }

  /// By ascending start.
  private let symbols: [Symbol]
  /// For each symbol the index of the one that encloses it, or -1.
  private let enclosing: [Int]

  /// The function that holds `address`, if one does: a pc beyond a symbol's end belongs to nobody. O(log n) for tables
  /// without nesting.
  func symbol(at address: UInt64) -> Symbol? {
    var index = symbols.firstIndexAbove(address) { $0.start } - 1
    while index >= 0, symbols[index].end <= address { index = enclosing[index] }
    return index >= 0 ? symbols[index] : nil
  }

  /// The functions that begin in `addresses`, ascending. O(log n).
  func symbols(in addresses: Range<UInt64>) -> ArraySlice<Symbol> {
    let first = symbols.firstIndex(from: addresses.lowerBound)
    return symbols[first..<max(first, symbols.firstIndex(from: addresses.upperBound))]
  }

  /// Arranges symbols. Of several at one address the first of the highest rank stays.
  init(_ candidates: [Candidate]) {
    let sorted = candidates.sorted { ($0.start, $1.rank, $1.size) < ($1.start, $0.rank, $0.size) }
    var symbols: [Symbol] = []
    var enclosing: [Int] = []
    // Indexes of the symbols that enclose the current one, outermost first.
    var open: [Int] = []
    // The last symbol, if it has no size and so ends where the next begins.
    var unsized: Int?
    for candidate in sorted {
      while let last = open.last, symbols[last].end <= candidate.start { open.removeLast() }
      if symbols.last?.start == candidate.start { continue }
      // A label inside a function is no function.
      if candidate.size == 0, !open.isEmpty { continue }
      if let index = unsized { symbols[index].end = min(symbols[index].end, candidate.start) }
      unsized = nil
      let (end, overflow) = candidate.start.addingReportingOverflow(candidate.size)
      symbols.append(
        Symbol(
          start: candidate.start, end: candidate.size == 0 ? candidate.limit : overflow ? .max : end,
          name: candidate.name, isFunction: candidate.isFunction))
      enclosing.append(open.last ?? -1)
      if candidate.size == 0 {
        unsized = symbols.count - 1
      } else {
        open.append(symbols.count - 1)
      }
    }
    self.symbols = symbols
    self.enclosing = enclosing
  }

  /// A symbol that may stand for a function.
  struct Candidate {
    /// Its address in the process.
    var start: UInt64
    /// Its size in bytes, 0 if unknown.
    var size: UInt64
    /// Where it ends at the latest: the end of its section.
    var limit: UInt64
    /// Of two names of one address the higher stays.
    var rank: Int
    /// Its name, not demangled.
    var name: String
    /// It is marked as a function, and no mere label.
    var isFunction = true
  }
}

extension RandomAccessCollection where Element == SymbolTable.Symbol, Index == Int {
  /// The index of the first that begins at `address` or above.
  fileprivate func firstIndex(from address: UInt64) -> Int {
    address == 0 ? startIndex : firstIndexAbove(address - 1) { $0.start }
  }
}

extension SymbolTable.Candidate {
  /// Bytes of names that a table may have, beside a number for each symbol. Names may be the ends of others, so that a table of n
  /// bytes can be read as n names of n/2 bytes each; of real tables the longest have some hundred bytes a name.
  private static let (nameRoom, nameAverage) = (1 << 26, 1024)

  /// All of a module, of one address several: of .symtab, or .dynsym, with what libdw finds beside them (mini debug information,
  /// a separate debug file). Nil if its names overlap, far longer than what they are read from.
  @unsafe static func all(in module: OpaquePointer) -> [SymbolTable.Candidate]? {
    var candidates: [SymbolTable.Candidate] = []
    var sections = SectionLimits()
    let count = unsafe dwfl_module_getsymtab(module)
    var room = nameRoom + nameAverage * Int(max(0, count))
    for index in 0..<max(0, count) {
      var symbol = GElf_Sym()
      var address: GElf_Addr = 0
      var section: GElf_Word = 0
      var file: OpaquePointer?
      var bias: Dwarf_Addr = 0
      guard
        let name = unsafe dwfl_module_getsym_info(module, index, &symbol, &address, &section, &file, &bias),
        unsafe name.pointee != 0, section != 0,
        let limit = unsafe sections.end(ofCode: section, in: file)
      else { continue }
      let type = Int32(symbol.st_info & 0xf)
      guard type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_NOTYPE else { continue }
      room -= unsafe strlen(name)
      if room < 0 { return nil }
      let binding = Int32(symbol.st_info >> 4)
      candidates.append(
        SymbolTable.Candidate(
          start: address, size: symbol.st_size, limit: max(limit &+ bias, address),
          rank: rank(
            isGlobal: binding == STB_GLOBAL, isWeak: binding == STB_WEAK, isTyped: type != STT_NOTYPE,
            isSized: symbol.st_size != 0),
          name: unsafe String(cString: name), isFunction: type != STT_NOTYPE))
    }
    return candidates
  }
}

extension SymbolTable.Candidate {
  /// Which of the names of an address says most: a typed and sized one more than a label, a global one more than a local one.
  static func rank(isGlobal: Bool, isWeak: Bool, isTyped: Bool, isSized: Bool) -> Int {
    (isGlobal ? 2 : isWeak ? 1 : 0) + (isTyped ? 4 : 0) + (isSized ? 8 : 0)
  }
}

/// Ends of the sections that hold code, looked up once each.
private struct SectionLimits {
  private struct Key: Hashable {
    var file: Int
    var section: UInt32
  }
  private var known: [Key: UInt64?] = [:]

  /// The file address where `section` ends, nil if it holds no code.
  @unsafe mutating func end(ofCode section: UInt32, in file: OpaquePointer?) -> UInt64? {
    let key = Key(file: Int(bitPattern: file), section: section)
    if let end = known[key] { return end }
    var header = GElf_Shdr()
    var end: UInt64?
    if let handle = unsafe elf_getscn(file, Int(section)), unsafe gelf_getshdr(handle, &header) != nil,
      header.sh_flags & UInt64(SHF_EXECINSTR) != 0
    {
      end = header.sh_addr &+ header.sh_size
    }
    known[key] = .some(end)
    return end
  }
}
