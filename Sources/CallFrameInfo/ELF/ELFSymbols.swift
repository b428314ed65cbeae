/// The symbols of one table, decoded one by one as they are asked for. Element 0 is the null symbol.
public struct ELFSymbols: RandomAccessCollection, Sendable {
  /// Size of one in the file, in bytes.
  public static let entrySize = 24

  /// The table: `.symtab`, or `.dynsym` in a stripped file.
  public let section: Section
  private let bytes: [UInt8]
  private let names: NameTable
  /// Section indexes of those that have SHN_XINDEX; empty without such a table.
  private let extendedIndexes: [UInt8]
  /// Addresses to add to values, by section index; empty where values are addresses already.
  private let sectionAddresses: [UInt64]

  /// See `Collection`.
  public var startIndex: Int { 0 }
  /// See `Collection`: the number of symbols.
  public var endIndex: Int { bytes.count / Self.entrySize }

  /// The symbol at `position`. O(1).
  public subscript(position: Int) -> ELFSymbol {
    precondition(indices.contains(position), "no symbol \(position) of \(count)")
    let offset = position * Self.entrySize
    let index: UInt16 = field(offset + 6)
    let information = bytes[offset + 4]
    let placement = placement(index, of: position)
    var value: UInt64 = field(offset + 8)
    if case .section(let section) = placement, section < sectionAddresses.count {
      value &+= sectionAddresses[section]
    }
    return ELFSymbol(
      index: position, nameOffset: field(offset), kind: ELFSymbol.Kind(rawValue: information & 0xf),
      binding: ELFSymbol.Binding(rawValue: information >> 4), visibility: bytes[offset + 5] & 3, placement: placement,
      value: value, size: field(offset + 16))
  }

  /// The name of a symbol of this table; empty if it has none, or none with its end in the name table. O(its length).
  public func name(of symbol: ELFSymbol) -> String {
    nameBytes(of: symbol).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// The bytes of the name without copying them, nil if the name table has none with its end at that offset. O(its length).
  public func nameBytes(of symbol: ELFSymbol) -> ArraySlice<UInt8>? { names.name(at: symbol.nameOffset) }

  /// The fields are within the table, which holds whole entries.
  private func field<Value: FixedWidthInteger>(_ offset: Int) -> Value { bytes.littleEndian(offset) ?? 0 }

  private func placement(_ index: UInt16, of symbol: Int) -> ELFSymbol.Placement {
    switch index {
    case 0: return .undefined
    case ..<ELFHeader.firstReservedIndex: return .section(Int(index))
    case 0xfff1: return .absolute
    case 0xfff2: return .common
    case ELFHeader.extendedIndex:
      guard let extended: UInt32 = extendedIndexes.littleEndian(4 * symbol) else { return .reserved(index) }
      return extended == 0 ? .undefined : .section(Int(extended))
    default: return .reserved(index)
    }
  }
}

extension ELFSymbols {
  /// Reads a table. O(its size and that of its names).
  ///
  /// - Parameter sections: all of the file's; their addresses are added to values if `isRelocatable`.
  /// - Throws: `truncated` if not all of the table or its names are in the source, `malformed` if they cannot be what they say.
  init(
    _ section: Section, of sections: [Section], isRelocatable: Bool, in source: some ByteSource
  ) throws(ELFError) {
    func fail(_ text: String) -> ELFError {
      ELFError(.malformed, source: source.name, section: section.name, offset: section.fileOffset, text)
    }
    guard section.entrySize == UInt64(Self.entrySize) else {
      throw fail("symbols of \(section.entrySize) bytes, expected \(Self.entrySize)")
    }
    guard section.link != 0, Int(section.link) < sections.count else {
      throw fail("names of symbols in section \(section.link), of \(sections.count)")
    }
    guard !section.isCompressed, !sections[Int(section.link)].isCompressed else {
      throw fail("compressed symbols or names of symbols, which no linker makes")
    }
    self.section = section
    let stored = try section.storedBytes(in: source)
    bytes = stored
    names = NameTable(try sections[Int(section.link)].storedBytes(in: source))
    let extended = sections.first { $0.kind == .extendedIndexes && Int($0.link) == section.index }
    extendedIndexes = try extended?.storedBytes(in: source) ?? []
    sectionAddresses = isRelocatable ? sections.map(\.address) : []

    var budget = NameBudget(names, count: count)
    for position in indices {
      guard let name = names.name(at: field(position * Self.entrySize)) else { continue }
      if !budget.admit(name) { throw fail("names of symbols that overlap, far longer than their table") }
    }
  }
}

extension ELFFile {
  /// The symbols: of `.symtab` or, where that is stripped, of `.dynsym` (`ELFSymbols.section` says which); nil if there are none.
  /// Reads the table and its names. O(their size).
  ///
  /// - Throws: `truncated` if not all of them are in the source, `malformed` if they cannot be what they say.
  public func symbols() throws(ELFError) -> ELFSymbols? {
    for kind in [Section.Kind.symbols, .dynamicSymbols] {
      if let section = sections.first(where: { $0.kind == kind }) { return try symbols(of: section) }
    }
    return nil
  }

  /// The symbols of one table: of `.dynsym` in a file that has `.symtab` as well, say. O(its size).
  ///
  /// - Throws: as `symbols()`; `malformed` if `section` is no table of symbols.
  public func symbols(of section: Section) throws(ELFError) -> ELFSymbols {
    try ELFSymbols(section, of: sections, isRelocatable: isLaidOut, in: source)
  }
}
