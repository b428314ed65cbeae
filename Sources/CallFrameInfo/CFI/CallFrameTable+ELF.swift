extension CallFrameTable {
  /// The most that is kept of a file's sections, in bytes: compressed ones may each become a thousand times their size. Those of
  /// the largest programs have 100 MiB.
  static let mostBytes = 1 << 29

  /// The `.eh_frame` and `.debug_frame` of a file, decompressed and relocated, in file order. A relocatable file may have
  /// several; a separate debug file has an `.eh_frame` without bytes, which is none. In a file stripped of section headers
  /// the search table leads to `.eh_frame`.
  ///
  /// Pointers relative to text or data are taken as gdb takes them (gdb/dwarf2/frame.c): from the starts of `.text` and
  /// `.got`. No compiler for x86-64 writes such.
  ///
  /// - Parameters:
  ///   - file: the file.
  ///   - problems: receives what could not be read: the others are there.
  public static func sections(of file: ELFFile, problems: inout [ELFError]) -> [CallFrameSection] {
    sections(of: file, problems: &problems, mostBytes: mostBytes)
  }

  static func sections(of file: ELFFile, problems: inout [ELFError], mostBytes: Int) -> [CallFrameSection] {
    var sections: [CallFrameSection] = []
    var room = mostBytes
    let text = file.section(named: ".text")?.address
    let data = file.section(named: ".got")?.address
    for (name, kind) in [(".eh_frame", CallFrameSection.Kind.ehFrame), (".debug_frame", .debugFrame)] {
      do throws(ELFError) {
        for section in try file.sections(named: name) where section.hasBytes && section.size != 0 {
          do throws(ELFError) {
            let bytes = try file.contents(of: section, problems: &problems)
            guard bytes.count <= room else {
              throw ELFError(
                .unsupported, source: file.source.name, section: name, offset: section.fileOffset,
                "section \(section.index) of \(bytes.count) bytes, where at most \(mostBytes) of all such are read")
            }
            room -= bytes.count
            sections.append(
              CallFrameSection(
                kind, name: name, source: file.source.name, bytes: bytes, address: section.address,
                textBase: text, dataBase: data))
          } catch {
            problems.append(error)
          }
        }
      } catch {
        problems.append(error)
      }
    }
    if file.sections.isEmpty {
      do throws(CallFrameError) {
        if let section = try SearchTable(of: file)?.ehFrame(of: file) { sections.append(section) }
      } catch {
        problems.append(
          ELFError(
            .malformed, source: error.source, section: error.section, offset: UInt64(clamping: error.offset), error.text
          ))
      }
    }
    return sections
  }

  /// All FDEs of a file's `.eh_frame` and `.debug_frame`.
  ///
  /// - Parameters:
  ///   - file: the file.
  ///   - problems: receives what of the sections could not be read; what of their records, see `defects`.
  public init(of file: ELFFile, problems: inout [ELFError]) {
    self.init(Self.sections(of: file, problems: &problems))
  }
}

extension SearchTable {
  /// Most that is read of a table or of `.eh_frame` behind it, in bytes: those of the largest programs have 100 MiB, a sparse
  /// file claims any number.
  static let readLimit: UInt64 = 1 << 28

  /// The search table of a file, where `ELFFile.searchTableRange` says, nil where there is none. A separate debug file has it
  /// without bytes, which is none.
  ///
  /// - Throws: what is wrong with its header.
  public init?(of file: ELFFile) throws(CallFrameError) {
    guard let range = file.searchTableRange else { return nil }
    let size = Swift.min(range.upperBound - range.lowerBound, Self.readLimit)
    let bytes = file.bytes(atAddress: range.lowerBound, count: Int(size))
    if bytes.isEmpty { return nil }
    try self.init(bytes, address: range.lowerBound, source: file.source.name)
  }

  /// `.eh_frame` as unwinders find it in the file that this table is of: from where the table says to the zero length that ends
  /// it. Nil where there is nothing. O(its size).
  public func ehFrame(of file: ELFFile) -> CallFrameSection? {
    guard let address = ehFrameAddress else { return nil }
    let size = Swift.min(file.byteCount(fromAddress: address), Self.readLimit)
    return CallFrameSection(
      loaded: file.bytes(atAddress: address, count: Int(size)), address: address, source: file.source.name)
  }
}

extension CallFrameSection {
  /// The `.eh_frame` that `bytes` begin with, of which nothing but the zero length at its end says how long it is; nil where
  /// there is no record. O(records).
  ///
  /// - Parameters:
  ///   - bytes: from its first record on, up to any end.
  ///   - address: virtual address of the first byte.
  ///   - source: name of the file.
  public init?(loaded bytes: [UInt8], address: UInt64, source: String) {
    var end = 0
    while let short: UInt32 = bytes.littleEndian(end), short != 0 {
      let header = short == .max ? 12 : 4
      let size: UInt64? = short == .max ? bytes.littleEndian(end + 4) : UInt64(short)
      guard let size, bytes.count - end >= header, size <= UInt64(bytes.count - end - header) else { break }
      end += header + Int(size)
    }
    guard end > 0 else { return nil }
    self.init(.ehFrame, source: source, bytes: Array(bytes[..<end]), address: address)
  }
}
