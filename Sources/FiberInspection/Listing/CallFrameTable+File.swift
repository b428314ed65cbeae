internal import CallFrameInfo

extension CallFrameTable {
  /// All FDEs of a file. A section that cannot be read is a line in `problems`.
  init(of elf: ELFFile, problems: inout [String]) {
    var errors: [ELFError] = []
    self.init(of: elf, problems: &errors)
    problems += errors.map(\.description)
  }
}
