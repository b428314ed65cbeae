internal import CallFrameInfo
package import FrameVerification
internal import Instructions

/// A file whose mutants are verified, with what of the verification does not depend on call frame information.
package struct MutatedFile: Sendable {
  package let path: String
  package let image: FrameImage
  /// The file with its records written anew, and its rows.
  let table: CallFrameTable
  /// For each FDE of `image.frames`, its index in `table.fdes`.
  let tableIndices: [Int?]
  private let elf: ELFFile
  private let sections: [CodeSection]
  private let names: [(address: UInt64, rawName: String)]
  private let functions: [LintSubject.Function]
  private let facts: CodeFacts
  /// What lint says of the unmutated file, and the flow check before parts are linked.
  private let lint: Set<FindingKey>
  private let verdicts: [FunctionVerdicts]
  /// What the flow check says after that.
  package let unmutated: [FunctionVerdicts]
  /// By FDE of the table: others with a jump, a call or a landing pad in it.
  private let users: [[Int]]

  /// What makes two findings one.
  struct FindingKey: Hashable {
    var rule: String
    var address: UInt64?
    var explanation: String

    init(_ finding: Finding) {
      rule = finding.rule.id
      address = finding.address
      // Offsets and the like change with the size of records: where there is an address, it is the place.
      explanation = finding.address == nil ? finding.explanation : ""
    }
  }

  /// - Parameter bytes: the linked file at `path`.
  package init(_ bytes: [UInt8], path: String) throws {
    self.path = path
    image = try FrameImage(bytes, name: path)
    let written = image.replacing(image.frames)
    elf = try ELFFile(reading: ByteArray(written.bytes, name: path))
    var problems: [ELFError] = []
    let table = CallFrameTable(of: elf, problems: &problems)
    self.table = table
    tableIndices = Self.indices(written.fdeOffsets, in: table)
    let symbols = try elf.symbols()
    names = symbols?.filter(\.isFunction).map { (address: $0.value, rawName: symbols?.name(of: $0) ?? "") } ?? []
    functions =
      symbols?.filter(\.isFunction).map {
        LintSubject.Function($0.value..<max($0.value, $0.value &+ $0.size), isTyped: true)
      } ?? []
    var unread: [String] = []
    sections = CodeSection.all(of: elf, problems: &unread)
    let reader = CodeReader(elf, sections: sections, labels: names.map(\.address).sorted())
    facts = CodeFacts(of: elf, names: names, reader: reader, problems: &problems)
    guard var check = FlowCheck(table: table, facts: facts, reader: reader) else {
      throw NotEditable(description: "\(path): no FDE")
    }
    verdicts = table.fdes.indices.map { check.check($0) }
    var linked = verdicts
    PartLinks.resolve(&linked, table: table)
    check.refuteReturnedStarts(&linked)
    unmutated = linked
    users = Self.users(table, reader, verdicts)
    lint = Set(
      Lint.findings(in: Self.subject(elf, table, functions, facts)).filter { $0.severity >= .warning }
        .map(FindingKey.init))
  }

  /// What is wrong with the unmutated file.
  package var unmutatedFindings: [Finding] {
    unmutated.flatMap(\.findings).filter { $0.severity >= .warning }
  }

  /// The name of the function at an address, or the address.
  package func name(at address: UInt64) -> String {
    names.first { $0.address == address }?.rawName ?? "0x\(String(address, radix: 16))"
  }

  /// The instructions under an FDE of `image.frames`. A reader is not safe from several threads: each call has its own.
  package func code(of fde: Int) -> FunctionCode {
    CodeReader(elf, sections: sections, labels: names.map(\.address).sorted())
      .code(of: image.frames.fdes[fde].start..<image.frames.fdes[fde].end)
  }

  private static func indices(_ offsets: [Int?], in table: CallFrameTable) -> [Int?] {
    var places: [Int: Int] = [:]
    for (index, fde) in table.fdes.enumerated() where table.section(of: fde).kind == .ehFrame {
      places[fde.offset] = index
    }
    return offsets.map { $0.flatMap { places[$0] } }
  }

  private static func users(
    _ table: CallFrameTable, _ reader: CodeReader, _ verdicts: [FunctionVerdicts]
  ) -> [[Int]] {
    var users = [Set<Int>](repeating: [], count: table.fdes.count)
    // Exceptions lead into other parts as well.
    for verdict in verdicts { for jump in verdict.partJumps { users[jump.fde].insert(verdict.fde) } }
    for (index, fde) in table.fdes.enumerated() {
      for instruction in reader.code(of: fde.addresses).instructions {
        var target: UInt64?
        switch instruction.flow {
        case .jump(let to), .branch(let to), .call(let to): target = to
        default: break
        }
        if let target, let other = table.index(at: target), other != index { users[other].insert(index) }
      }
    }
    return users.map { $0.sorted() }
  }

  private static func subject(
    _ elf: ELFFile, _ table: CallFrameTable, _ functions: [LintSubject.Function], _ facts: CodeFacts
  ) -> LintSubject {
    LintSubject(
      elf: elf, table: table, functions: functions, hasCallSites: table.cies.map { facts.usesCallSites($0) ?? false },
      requiresCoverage: true)
  }
}

/// A file with one mutation.
package struct Mutant: Sendable {
  /// The file's bytes.
  package let bytes: [UInt8]
  /// Nil where it is no ELF file any more.
  let elf: ELFFile?
  let table: CallFrameTable?
  /// See `MutatedFile.tableIndices`.
  let tableIndices: [Int?]
}

extension MutatedFile {
  /// The file with a mutation.
  package func mutant(_ mutation: Mutation) -> Mutant {
    var frames = image.frames
    mutation.apply(&frames)
    let written = image.replacing(frames)
    guard let elf = try? ELFFile(reading: ByteArray(written.bytes, name: path)) else {
      return Mutant(bytes: written.bytes, elf: nil, table: nil, tableIndices: [])
    }
    var problems: [ELFError] = []
    let table = CallFrameTable(of: elf, problems: &problems)
    return Mutant(
      bytes: written.bytes, elf: elf, table: table, tableIndices: Self.indices(written.fdeOffsets, in: table))
  }

  /// What lint says of a mutant, and not of the file as it was: errors and warnings.
  package func lint(_ mutant: Mutant) -> [Finding] {
    guard let elf = mutant.elf, let table = mutant.table else { return [] }
    return Lint.findings(in: Self.subject(elf, table, functions, facts)).filter {
      $0.severity >= .warning && !lint.contains(FindingKey($0))
    }
  }

  /// What the flow check says of a mutant.
  package struct FlowResult: Sendable {
    /// Errors and warnings that the file as it was has not.
    package var findings: [Finding]
    /// Of the function that was changed: proved instructions.
    package var proved: Set<UInt64>
    /// Of that function; nil where its FDE cannot be read.
    package var verdicts: FunctionVerdicts?
  }

  /// Checks the code of a mutant: the function that was changed and those that lead into it; all, where addresses were.
  package func flow(_ mutant: Mutant, fde: Int) -> FlowResult {
    var result = FlowResult(findings: [], proved: [], verdicts: nil)
    let reader = CodeReader(elf, sections: sections, labels: names.map(\.address).sorted())
    guard let table = mutant.table, var check = FlowCheck(table: table, facts: facts, reader: reader) else {
      return result
    }
    let place = mutant.tableIndices.indices.contains(fde) ? mutant.tableIndices[fde] : nil
    let isAligned =
      table.fdes.count == self.table.fdes.count
      && zip(table.fdes, self.table.fdes).allSatisfy { $0.addresses == $1.addresses }
    var verdicts = verdicts
    if isAligned, let place {
      for user in users[place] { verdicts[user] = check.check(user) }
    } else {
      verdicts = table.fdes.indices.map { $0 == place ? FunctionVerdicts(fde: $0) : check.check($0) }
    }
    if let place {
      verdicts[place] = check.check(place)
      result.proved = Set(check.provedAddresses)
    }
    PartLinks.resolve(&verdicts, table: table)
    check.refuteReturnedStarts(&verdicts)
    let known = Set(unmutated.lazy.flatMap(\.findings).map(FindingKey.init))
    result.findings = verdicts.flatMap(\.findings).filter {
      $0.severity >= .warning && !known.contains(FindingKey($0))
    }
    if let place {
      result.verdicts = verdicts[place]
      if verdicts[place].proved == 0 { result.proved = [] }
    }
    return result
  }
}
