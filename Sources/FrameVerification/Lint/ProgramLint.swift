internal import CallFrameInfo

/// The instructions of all CIEs and FDEs, executed as far as lint needs it.
///
/// `Rows` stops at the first thing wrong; this goes on where the rest can be understood.
struct ProgramLint {
  private let table: CallFrameTable
  /// Where the program starts, nil where no program does.
  private let entry: UInt64?

  init(_ subject: LintSubject) {
    table = subject.table
    entry = subject.elf.header.entry == 0 ? nil : subject.elf.header.entry
  }

  func check(_ findings: LintFindings) {
    // By CIE: its state at its end, nil where it cannot be read. Each is executed once, before the first FDE that has it.
    var initial: [Int: ProgramState?] = [:]
    for (index, fde) in table.fdes.enumerated() {
      let cie = table.cies[fde.cieIndex]
      let section = table.sections[fde.sectionIndex]
      let start: ProgramState?
      if let known = initial[fde.cieIndex] {
        start = known
      } else {
        var run = ProgramRun(of: cie, in: section, findings)
        start = run.finalState()
        initial[fde.cieIndex] = .some(start)
      }
      guard let start else { continue }
      var run = ProgramRun(
        of: fde, index: index, cie: cie, in: section, after: start,
        isEntry: entry.map(fde.addresses.contains) ?? false, findings)
      _ = run.finalState()
    }
  }
}
