internal import CallFrameInfo

extension CallFrameTable {
  /// All FDEs of a file: of `.eh_frame` and `.debug_frame`, of a relocatable file also of further sections of these names. A
  /// section that cannot be read is a line in `problems`.
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
    self.init(sections)
  }
}
