/// Which relocations change which section of a relocatable file, and the symbols they name.
struct RelocationIndex: Sendable {
  /// How many problems are listed for one section.
  static let problemLimit = 64

  private let sections: [Section]
  private let source: any ByteSource & Sendable
  /// For a section's index, the indexes of the sections with its relocations.
  private let changes: [Int: [Int]]
  /// The file's only table of symbols, or why it cannot be read; nil without one.
  private let symbols: Result<ELFSymbols, ELFError>?

  /// Reads the file's symbols. O(their number).
  init(_ sections: [Section], source: any ByteSource & Sendable) {
    self.sections = sections
    self.source = source
    var changes: [Int: [Int]] = [:]
    for section in sections where section.kind == .relocations || section.kind == .relocationsWithAddends {
      if section.size != 0 { changes[Int(section.info), default: []].append(section.index) }
    }
    self.changes = changes
    symbols = sections.first { $0.kind == .symbols }.map { table in
      Result { () throws(ELFError) in
        try ELFSymbols(table, of: sections, isRelocatable: true, in: source)
      }
    }
  }

  /// Applies to the contents of `section` all its relocations. O(their number).
  ///
  /// - Throws: `truncated` or `malformed` if relocations or symbols cannot be read.
  func apply(to bytes: inout [UInt8], of section: Section, problems: inout [ELFError]) throws(ELFError) {
    guard !bytes.isEmpty, let indexes = changes[section.index] else { return }
    // Fields do not overlap, so there are no more than bytes, but for some that do nothing: many tables at one place in the file
    // would take the square of its size in time.
    var left = bytes.count + 1024
    var list = ProblemList(limit: Self.problemLimit)
    for index in indexes {
      let table = try RelocationTable(sections[index], in: source)
      left -= table.count
      guard left >= 0 else {
        throw table.malformed("more relocations of \(section.name) than it has bytes")
      }
      let symbols = try symbols(of: table)
      for position in 0..<table.count {
        guard let relocation = table[position] else { continue }
        if let text = apply(relocation, to: &bytes, of: section, symbols) {
          list.add {
            ELFError(
              .unsupported, source: source.name, section: table.section.name,
              offset: table.section.fileOffset &+ UInt64(position * table.stride),
              "\(text) (\(section.name)+0x\(String(relocation.offset, radix: 16)))")
          }
        }
      }
    }
    problems += list.problems(of: section, source: source.name)
  }

  /// The symbols a table of relocations names; nil if it names none.
  private func symbols(of table: RelocationTable) throws(ELFError) -> ELFSymbols? {
    guard table.section.link != 0 else { return nil }
    guard let symbols else { throw table.malformed("relocations, but no table of symbols") }
    let found = try symbols.get()
    guard Int(table.section.link) == found.section.index else {
      throw table.malformed("relocations by symbols in section \(table.section.link), expected \(found.section.index)")
    }
    return found
  }

  /// Answers what is wrong, nil if nothing is; the field is then as it was.
  private func apply(
    _ relocation: Relocation, to bytes: inout [UInt8], of section: Section, _ symbols: ELFSymbols?
  ) -> String? {
    guard let form = relocation.kind.form else { return "relocation of unknown type \(relocation.kind.rawValue)" }
    guard form.width != 0 else { return nil }
    guard relocation.offset <= UInt64(bytes.count), bytes.count - Int(relocation.offset) >= form.width else {
      return "relocation beyond the end of the section, of \(bytes.count) bytes"
    }
    let offset = Int(relocation.offset)
    var target: UInt64 = 0
    var size: UInt64 = 0
    if relocation.symbol != 0 {
      guard let symbols, Int(relocation.symbol) < symbols.count else {
        return "relocation by symbol \(relocation.symbol), of \(symbols?.count ?? 0)"
      }
      let symbol = symbols[Int(relocation.symbol)]
      switch symbol.placement {
      case .section(let index):
        guard index < sections.count else { return "relocation by a symbol in section \(index), of \(sections.count)" }
        target = symbol.value
      case .absolute: target = symbol.value
      case .undefined, .common: break
      case .reserved(let index): return "relocation by a symbol in section 0x\(String(index, radix: 16))"
      }
      size = symbol.size
    }
    let addend = relocation.addend ?? bytes.signedField(offset, width: form.width)
    var value = UInt64(bitPattern: addend)
    switch form.formula {
    case .nothing, .base: break
    case .address: value &+= target
    case .distance: value = value &+ target &- (section.address &+ relocation.offset)
    case .size: value &+= size
    }
    guard form.holds(value) else {
      return "relocation to 0x\(String(value, radix: 16)), which does not fit into \(form.width) bytes"
    }
    for byte in 0..<form.width { bytes[offset + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte)) }
    return nil
  }
}

/// A field of a relocatable file whose value a linker makes: of a symbol that the file does not define, or by way of a table
/// that the linker lays out.
public struct UnresolvedField: Sendable, Hashable {
  /// Offset of its first byte in its section.
  public let offset: UInt64
  /// Name of the symbol; of a section's own symbol, that section's.
  public let symbol: String
}

extension ELFFile {
  /// The fields of a section that `contents(of:problems:)` leaves without their final value, ascending; none in a file that is
  /// not relocatable. O(n log n) in its relocations.
  ///
  /// - Throws: `truncated` or `malformed` if relocations or symbols cannot be read.
  public func unresolvedFields(of section: Section) throws(ELFError) -> [UnresolvedField] {
    try relocations?.unresolvedFields(of: section) ?? []
  }
}

extension RelocationIndex {
  fileprivate func unresolvedFields(of section: Section) throws(ELFError) -> [UnresolvedField] {
    var fields: [UnresolvedField] = []
    // As in `apply`.
    var left = UInt64(1024).addingReportingOverflow(section.size).partialValue
    // Many fields have the symbol of others; a name is made once.
    var names: [UInt32: String] = [:]
    for index in changes[section.index] ?? [] {
      let table = try RelocationTable(sections[index], in: source)
      guard UInt64(table.count) <= left else {
        throw table.malformed("more relocations of \(section.name) than it has bytes")
      }
      left -= UInt64(table.count)
      guard let symbols = try symbols(of: table) else { continue }
      for position in 0..<table.count {
        guard let relocation = table[position], Int(relocation.symbol) < symbols.count else { continue }
        let symbol = symbols[Int(relocation.symbol)]
        let isDefined =
          switch symbol.placement {
          case .section, .absolute: true
          case .undefined, .common, .reserved: false
          }
        if isDefined, relocation.kind.form != nil { continue }
        guard relocation.symbol != 0 else { continue }
        var name = names[relocation.symbol] ?? symbols.name(of: symbol)
        if name.isEmpty, let index = symbol.sectionIndex, index < sections.count { name = sections[index].name }
        names[relocation.symbol] = name
        fields.append(UnresolvedField(offset: relocation.offset, symbol: name))
      }
    }
    return fields.sorted { $0.offset < $1.offset }
  }
}

/// The relocations of one section of them.
private struct RelocationTable {
  let section: Section
  let stride: Int
  private let bytes: [UInt8]
  private let source: String

  init(_ section: Section, in source: some ByteSource) throws(ELFError) {
    self.section = section
    self.source = source.name
    stride = section.kind == .relocationsWithAddends ? Relocation.sizeWithAddend : Relocation.size
    bytes = try section.storedBytes(in: source)
    guard section.entrySize == UInt64(stride), !section.isCompressed else {
      throw malformed("relocations of \(section.entrySize) bytes, expected \(stride)")
    }
  }

  var count: Int { bytes.count / stride }

  subscript(position: Int) -> Relocation? {
    Relocation(bytes, at: position * stride, hasAddend: section.kind == .relocationsWithAddends)
  }

  func malformed(_ text: String) -> ELFError {
    ELFError(.malformed, source: source, section: section.name, offset: section.fileOffset, text)
  }
}

/// Problems up to a number; the rest are counted.
private struct ProblemList {
  let limit: Int
  private var list: [ELFError] = []
  private var more = 0

  init(limit: Int) { self.limit = limit }

  mutating func add(_ problem: () -> ELFError) {
    if list.count < limit - 1 { list.append(problem()) } else { more += 1 }
  }

  consuming func problems(of section: Section, source: String) -> [ELFError] {
    guard more > 0 else { return list }
    return list + [
      ELFError(
        .unsupported, source: source, section: section.name, offset: section.fileOffset,
        "\(more) more relocations that could not be applied")
    ]
  }
}

extension [UInt8] {
  /// The signed integer of 1, 2, 4 or 8 bytes at `offset`.
  fileprivate func signedField(_ offset: Int, width: Int) -> Int64 {
    var value: UInt64 = 0
    for byte in 0..<width { value |= UInt64(self[offset + byte]) << (8 * byte) }
    return (Int64(bitPattern: value) << (64 - 8 * width)) >> (64 - 8 * width)
  }
}
