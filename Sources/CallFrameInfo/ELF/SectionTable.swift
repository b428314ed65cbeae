extension ELFHeader {
  /// SHN_LORESERVE: in 16 bits, indexes from here on are not sections.
  static let firstReservedIndex: UInt16 = 0xff00
  /// SHN_XINDEX: the index is elsewhere.
  static let extendedIndex: UInt16 = 0xffff
  /// The most sections or segments that are read: a sparse file may claim four billion. Objects have a section for each function.
  static let mostHeaders: UInt64 = 1 << 22

  /// The sections in file order, section 0 among them; none if there is no table. O(their number + the size of their names),
  /// which the source's size bounds.
  ///
  /// With 65,280 sections or more `e_shnum` is 0 and `sh_size` of section 0 has the number; the index of the name table is then
  /// in its `sh_link` (gABI, chapter 4, "ELF Header").
  ///
  /// - Throws: `truncated` if not all of the headers or names are in the source, `malformed` if they cannot be what they say.
  public func sections(in source: some ByteSource) throws(ELFError) -> [Section] {
    guard sectionHeaderOffset != 0 else { return [] }
    func fail(_ code: ELFError.Code, at offset: UInt64, _ text: String) -> ELFError {
      ELFError(code, source: source.name, offset: offset, text)
    }
    guard UInt64(sectionHeaderSize) >= Section.headerSize else {
      throw fail(.malformed, at: 58, "section headers of \(sectionHeaderSize) bytes, expected \(Section.headerSize)")
    }
    guard
      let zero = Section(source.bytes(at: sectionHeaderOffset, count: Section.headerSize), at: 0, index: 0, name: "")
    else { throw fail(.truncated, at: sectionHeaderOffset, "truncated: its section headers are not in the file") }
    let count = sectionHeaderCount == 0 ? zero.size : UInt64(sectionHeaderCount)
    guard count != 0 else { return [] }
    let nameIndex = sectionNameTable == Self.extendedIndex ? zero.link : UInt32(sectionNameTable)
    let (size, overflow) = count.multipliedReportingOverflow(by: UInt64(sectionHeaderSize))
    guard count <= Self.mostHeaders || overflow || !source.reaches(sectionHeaderOffset, count: size) else {
      throw fail(.malformed, at: sectionHeaderOffset, "\(count) sections, expected at most \(Self.mostHeaders)")
    }
    let bytes = overflow || count > Self.mostHeaders ? [] : source.bytes(at: sectionHeaderOffset, count: size)
    guard !overflow, UInt64(bytes.count) == size else {
      throw fail(
        .truncated, at: sectionHeaderOffset, "truncated: \(count) section headers, of which not all are in the file")
    }
    let stride = Int(sectionHeaderSize)
    var names = SectionNames(try nameTable(nameIndex, in: bytes, count: Int(count), source), count: Int(count))
    var sections: [Section] = []
    sections.reserveCapacity(Int(count))
    for index in 0..<Int(count) {
      guard let name = names.name(at: bytes.littleEndian(index * stride) ?? 0) else {
        throw fail(.malformed, at: sectionHeaderOffset, "section names that overlap, far longer than their table")
      }
      if let section = Section(bytes, at: index * stride, index: index, name: name) { sections.append(section) }
    }
    return sections
  }

  /// The names of sections. Index 0 means that there are none.
  private func nameTable(
    _ index: UInt32, in headers: [UInt8], count: Int, _ source: some ByteSource
  ) throws(ELFError) -> NameTable {
    guard index != 0 else { return NameTable([]) }
    guard Int(index) < count,
      let section = Section(headers, at: Int(index) * Int(sectionHeaderSize), index: Int(index), name: "")
    else {
      throw ELFError(
        .malformed, source: source.name, offset: 62, "names in section \(index), of \(count)")
    }
    guard let range = section.fileRange else {
      throw ELFError(
        .malformed, source: source.name, offset: sectionHeaderOffset, "section \(index) has no bytes, expected names")
    }
    guard section.size <= Section.mostBytes || !source.reaches(range.lowerBound, count: section.size) else {
      throw ELFError(
        .malformed, source: source.name, offset: range.lowerBound,
        "\(section.size) bytes of section names, expected at most \(Section.mostBytes)")
    }
    let bytes = source.bytes(at: range.lowerBound, count: min(section.size, Section.mostBytes))
    guard UInt64(bytes.count) == section.size else {
      throw ELFError(
        .truncated, source: source.name, offset: range.lowerBound,
        "truncated: \(bytes.count) of the \(section.size) bytes of its section names")
    }
    return NameTable(bytes)
  }
}

/// Gives sections their names, of which many are the same (".group").
private struct SectionNames {
  private let table: NameTable
  private var budget: NameBudget
  private var known: [UInt32: String] = [:]

  init(_ table: NameTable, count: Int) {
    self.table = table
    budget = NameBudget(table, count: count)
  }

  /// The name at `offset`, empty if there is none; nil if it is beyond the budget.
  mutating func name(at offset: UInt32) -> String? {
    if let name = known[offset] { return name }
    guard let bytes = table.name(at: offset) else { return "" }
    guard budget.admit(bytes) else { return nil }
    let name = String(decoding: bytes, as: UTF8.self)
    known[offset] = name
    return name
  }
}
