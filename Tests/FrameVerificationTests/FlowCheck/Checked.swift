import CallFrameInfo
import Foundation
import FrameVerification
import TestSupport
import Testing

/// What the flow check says of a file.
struct Checked {
  let table: CallFrameTable
  let verdicts: [FunctionVerdicts]
  /// What lint says of it, coverage required.
  let lint: [Finding]

  init(_ bytes: [UInt8], name: String = "fixture") throws {
    let elf = try ELFFile(reading: ByteArray(bytes, name: name))
    var problems: [ELFError] = []
    table = CallFrameTable(of: elf, problems: &problems)
    let symbols = try elf.symbols()
    let names = symbols?.filter(\.isFunction).map { (address: $0.value, rawName: symbols?.name(of: $0) ?? "") } ?? []
    var unread: [String] = []
    let reader = CodeReader(
      elf, sections: CodeSection.all(of: elf, problems: &unread), labels: names.map(\.address).sorted())
    let facts = CodeFacts(of: elf, names: names, reader: reader, problems: &problems)
    var check = try #require(FlowCheck(table: table, facts: facts, reader: reader))
    var verdicts = table.fdes.indices.map { check.check($0) }
    check.followSwitches(&verdicts)
    PartLinks.resolve(&verdicts, table: table)
    check.refuteReturnedStarts(&verdicts)
    self.verdicts = verdicts
    let functions = symbols?.filter(\.isFunction).map {
      LintSubject.Function($0.value..<$0.value + $0.size, isTyped: true)
    }
    lint = Lint.findings(in: LintSubject(elf: elf, table: table, functions: functions ?? [], requiresCoverage: true))
  }

  /// Assembles the body of one function between `.cfi_startproc` and `.cfi_endproc`.
  init(function body: String) throws {
    try self.init(
      assembly: """
        .text
        .globl f
        .type f, @function
        f:
        .cfi_startproc
        \(body)
        .cfi_endproc
        .size f, . - f
        """)
  }

  init(assembly: String) throws {
    let directory = try TemporaryDirectory()
    let source = try directory.write(assembly + "\n.section .note.GNU-stack,\"\",@progbits\n", to: "fixture.s")
    try self.init(assembling: source, in: directory)
  }

  /// Assembles or compiles a file.
  init(assembling source: String, in directory: TemporaryDirectory, _ options: [String] = []) throws {
    let object = directory.file("fixture.o")
    let result = try run("/usr/bin/gcc", options + ["-c", source, "-o", object])
    #expect(result.succeeded, "\(result.report)")
    try self.init([UInt8](try Data(contentsOf: URL(filePath: object))), name: object)
  }

  /// Assembles the body of one function as `init(function:)` does, and links it into a library where `isLinked`.
  init(function body: String, isLinked: Bool) throws {
    guard isLinked else {
      try self.init(function: body)
      return
    }
    try self.init(
      linking: """
        .text
        .globl f
        .type f, @function
        f:
        .cfi_startproc
        \(body)
        .cfi_endproc
        .size f, . - f
        """)
  }

  /// Assembles and links a library.
  init(linking assembly: String) throws {
    let directory = try TemporaryDirectory()
    let source = try directory.write(assembly + "\n.section .note.GNU-stack,\"\",@progbits\n", to: "fixture.s")
    let library = directory.file("fixture.so")
    let result = try run("/usr/bin/gcc", ["-shared", "-nostdlib", source, "-o", library])
    #expect(result.succeeded, "\(result.report)")
    try self.init([UInt8](try Data(contentsOf: URL(filePath: library))), name: library)
  }

  var findings: [Finding] { verdicts.flatMap(\.findings) }
  /// Ids of the rules that fired, each once, in order.
  var rules: [String] { Set(findings.map(\.rule.id)).sorted() }
  var proved: Int { verdicts.reduce(0) { $0 + $1.proved } }
  var refuted: Int { verdicts.reduce(0) { $0 + $1.refuted } }
  var instructions: Int { verdicts.reduce(0) { $0 + $1.instructions } }
  /// Nothing is left open.
  var isProved: Bool { proved == instructions && findings.isEmpty && instructions > 0 }
}
