import CallFrameInfo
import FrameVerification
import Testing

/// What lint says of a file.
struct Linted {
  let table: CallFrameTable
  let findings: [Finding]

  /// - Parameter knowsPersonalities: LSDAs of all CIEs with a personality routine are known to have call sites, whatever its name.
  init(
    _ bytes: [UInt8], name: String = "fixture", requiresCoverage: Bool = false, knowsPersonalities: Bool = false
  ) throws {
    let elf = try ELFFile(reading: ByteArray(bytes, name: name))
    var problems: [ELFError] = []
    table = CallFrameTable(of: elf, problems: &problems)
    let symbols = try elf.symbols()
    let names = symbols?.filter(\.isFunction).map { ($0.value, symbols?.name(of: $0) ?? "") } ?? []
    var unread: [String] = []
    let reader = CodeReader(elf, sections: CodeSection.all(of: elf, problems: &unread))
    let facts = CodeFacts(of: elf, names: names, reader: reader, problems: &problems)
    let hasCallSites = table.cies.map {
      knowsPersonalities ? $0.personality != nil : facts.usesCallSites($0) ?? false
    }
    findings = Lint.findings(
      in: LintSubject(
        elf: elf, table: table, functions: try Self.functions(of: elf), hasCallSites: hasCallSites,
        requiresCoverage: requiresCoverage))
  }

  init(_ image: FixtureImage, requiresCoverage: Bool = false) throws {
    try self.init(image.bytes, requiresCoverage: requiresCoverage, knowsPersonalities: true)
  }

  /// The typed functions of the file's own symbols.
  private static func functions(of elf: ELFFile) throws -> [LintSubject.Function] {
    guard let symbols = try elf.symbols() else { return [] }
    return symbols.filter(\.isFunction).compactMap { symbol in
      let (end, overflow) = symbol.value.addingReportingOverflow(symbol.size)
      return overflow ? nil : LintSubject.Function(symbol.value..<end, isTyped: true)
    }
  }

  /// Ids of the rules that fired, each once, in order.
  var rules: [String] { Set(findings.map(\.rule.id)).sorted() }
}

extension Finding {
  /// One line: severity, rule, place, explanation.
  var line: String {
    let place = section.map { section in offset.map { "\(section)+0x\(String($0, radix: 16))" } ?? section }
    return "\(severity.rawValue) \(rule.id) \(place ?? "-"): \(explanation)"
  }
}
