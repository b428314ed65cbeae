package import CallFrameInfo

/// What lint looks at: one file, with what has been read of it.
package struct LintSubject: Sendable {
  /// A stretch of code that a symbol names.
  package struct Function: Sendable, Hashable {
    /// Its addresses; a symbol without a size up to the next one.
    package var addresses: Range<UInt64>
    /// Its symbol says that it is a function: not only a label of assembly.
    package var isTyped: Bool

    package init(_ addresses: Range<UInt64>, isTyped: Bool) {
      self.addresses = addresses
      self.isTyped = isTyped
    }
  }

  /// The file.
  package let elf: ELFFile
  /// All its FDEs, and the sections they are in.
  package let table: CallFrameTable
  /// By section of `table`: the addresses in it are not known, since it is an object file's whose relocations are gone (`strip`).
  package let isUnplaced: [Bool]
  /// Its functions, in any order, several names of one place among them; those of a separate debug file may be among them.
  package var functions: [Function]
  /// By CIE of `table`: LSDAs of its FDEs are known to have call sites (`CodeFacts.usesCallSites`). Empty: none is.
  package var hasCallSites: [Bool]
  /// Code without an FDE is an error, not a note.
  package var requiresCoverage: Bool

  package init(
    elf: ELFFile, table: CallFrameTable, functions: [Function] = [], hasCallSites: [Bool] = [],
    requiresCoverage: Bool = false
  ) {
    self.elf = elf
    self.table = table
    isUnplaced = Self.unplaced(table.sections, of: elf)
    self.functions = functions
    self.hasCallSites = hasCallSites
    self.requiresCoverage = requiresCoverage
  }

  /// O(n) in the number of sections.
  private static func unplaced(_ sections: [CallFrameSection], of elf: ELFFile) -> [Bool] {
    struct Place: Hashable {
      var name: String
      var address: UInt64
    }
    guard elf.isLaidOut else { return sections.map { _ in false } }
    let relocations = elf.sections.filter { $0.kind == .relocationsWithAddends || $0.kind == .relocations }
    let relocated = Set(relocations.map(\.info))
    // Sections that are not loaded have no addresses, so that those of one name are one place: one of them is enough.
    let places = Set(
      elf.sections.filter { relocated.contains(UInt32($0.index)) }.map { Place(name: $0.name, address: $0.address) })
    return sections.map { !places.contains(Place(name: $0.name, address: $0.address)) }
  }
}

/// What can be seen of call frame information without a look at the code: records, addresses, the search table, instructions and
/// expressions.
package enum Lint {
  /// What is wrong, in the order of sections and offsets; what belongs to no section comes last.
  ///
  /// At most `LintFindings.mostFindings` for each rule, the last of which then says how many more there are.
  /// O(n log n) in the number of records, instructions and functions.
  package static func findings(in subject: LintSubject) -> [Finding] {
    let findings = LintFindings()
    let table = subject.table
    for index in table.sections.indices {
      RecordLint(subject, section: index).check(findings)
      guard subject.isUnplaced[index] else { continue }
      findings.add(
        .relocationsMissing, section: table.sections[index].name, offset: 0,
        "an object file without the relocations that say where the code of its FDEs is")
    }
    AddressLint(subject).check(findings)
    SearchTableLint(subject).check(findings)
    ProgramLint(subject).check(findings)
    ExceptionLint(subject).check(findings)
    CoverageLint(subject).check(findings)
    return findings.sorted(by: table.sections.map(\.name))
  }
}
