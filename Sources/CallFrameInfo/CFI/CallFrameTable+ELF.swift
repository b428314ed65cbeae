extension CallFrameTable {
  /// The `.eh_frame` and `.debug_frame` of a file, decompressed and relocated, in file order. A relocatable file may have
  /// several; a separate debug file has an `.eh_frame` without bytes, which is none.
  ///
  /// Pointers relative to text or data are taken as gdb takes them (gdb/dwarf2/frame.c): from the starts of `.text` and
  /// `.got`. No compiler for x86-64 writes such.
  ///
  /// - Parameters:
  ///   - file: the file.
  ///   - problems: receives what could not be read: the others are there.
  public static func sections(of file: ELFFile, problems: inout [ELFError]) -> [CallFrameSection] {
    var sections: [CallFrameSection] = []
    let text = file.section(named: ".text")?.address
    let data = file.section(named: ".got")?.address
    for (name, kind) in [(".eh_frame", CallFrameSection.Kind.ehFrame), (".debug_frame", .debugFrame)] {
      do throws(ELFError) {
        for section in try file.sections(named: name) where section.hasBytes && section.size != 0 {
          do throws(ELFError) {
            let bytes = try file.contents(of: section, problems: &problems)
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
  /// The search table of a file, by its PT_GNU_EH_FRAME segment, nil where there is none. A separate debug file has it
  /// without bytes, which is none.
  ///
  /// - Throws: what is wrong with its header.
  public init?(of file: ELFFile) throws(CallFrameError) {
    guard let segment = file.segments.first(where: { $0.kind == .ehFrame }) else { return nil }
    let size = Int(clamping: segment.fileSize)
    let bytes = file.bytes(atAddress: segment.virtualAddress, count: size)
    if bytes.isEmpty { return nil }
    try self.init(bytes, address: segment.virtualAddress, source: file.source.name)
  }
}
