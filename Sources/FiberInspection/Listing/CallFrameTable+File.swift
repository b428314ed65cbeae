internal import CallFrameInfo

extension CallFrameTable {
  /// All FDEs of a file: of `.eh_frame` and `.debug_frame`, of a relocatable file also of further sections of these names. A
  /// section that cannot be read is a line in `problems`. In a file stripped of section headers `.eh_frame` is found by its search
  /// table.
  init(of elf: ELFFile, problems: inout [String]) {
    var sections: [CallFrameSection] = []
    for section in elf.sections where section.name == ".eh_frame" || section.name == ".debug_frame" {
      do throws(ELFError) {
        let kind: CallFrameSection.Kind = section.name == ".eh_frame" ? .ehFrame : .debugFrame
        guard section.hasBytes else { continue }
        sections.append(
          CallFrameSection(
            kind, name: section.name, source: elf.source.name, bytes: try elf.contents(of: section),
            address: section.address))
      } catch {
        problems.append(error.description)
      }
    }
    if elf.sections.isEmpty {
      do throws(CallFrameError) {
        if let found = try CallFrameSection.ehFrame(loadedBy: elf) { sections.append(found) }
      } catch {
        problems.append(error.description)
      }
    }
    self.init(sections)
  }
}

extension CallFrameSection {
  /// `.eh_frame` as unwinders find it in memory, up to the zero length that ends it; nil without a search table that says where it
  /// is.
  ///
  /// - Throws: what is wrong with the search table.
  fileprivate static func ehFrame(loadedBy elf: ELFFile) throws(CallFrameError) -> CallFrameSection? {
    guard let range = elf.searchTableRange else { return nil }
    let header = elf.bytes(atAddress: range.lowerBound, count: Int(clamping: range.upperBound - range.lowerBound))
    let table = try SearchTable(header, address: range.lowerBound, source: elf.source.name)
    guard let address = table.ehFrameAddress else { return nil }
    let bytes = elf.bytes(atAddress: address, count: Int(clamping: elf.byteCount(fromAddress: address)))
    // Each record begins with its length: 4 bytes, or 8 behind 0xffffffff.
    var end = 0
    while let short: UInt32 = bytes.littleEndian(end), short != 0 {
      let long: UInt64? = short == .max ? bytes.littleEndian(end + 4) : UInt64(short)
      let start = end + (short == .max ? 12 : 4)
      guard let long, long <= UInt64(bytes.count - min(start, bytes.count)) else { break }
      end = start + Int(long)
    }
    return CallFrameSection(
      .ehFrame, source: elf.source.name, bytes: Array(bytes[..<end]), address: address)
  }
}
