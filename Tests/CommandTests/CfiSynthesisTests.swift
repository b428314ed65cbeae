import Foundation
import TestSupport
import Testing

/// `fibertrace cfi --synthesize` as people use it.
@Suite struct CfiSynthesisTests {
  /// One function that is fine, one whose stack pointer is lost, one that jumps where nobody knows.
  private static let assembly = """
      .globl saves, loses, jumps
      .type saves, @function
      .type loses, @function
      .type jumps, @function
    saves:
      push %rbx
      mov %edi, %ebx
      call other
      pop %rbx
      ret
      .size saves, . - saves
    loses:
      mov (%rdi), %rsp
      ret
      .size loses, . - loses
    jumps:
      push %rbx
      jmp *%rax
      nop
      pop %rbx
      ret
      .size jumps, . - jumps
      .section .note.GNU-stack, "", @progbits

    """

  private func object(in directory: TemporaryDirectory) throws -> String {
    try directory.write(Self.assembly, to: "three.s")
    let object = directory.file("three.o")
    #expect(try run("/usr/bin/gcc", ["-c", directory.file("three.s"), "-o", object]).succeeded)
    return object
  }

  @Test func aFunctionWithoutRowsGetsThose() throws {
    let directory = try TemporaryDirectory()
    let result = try fibertrace("cfi", "--synthesize", try object(in: directory), "--function", "saves")
    #expect(result.status == 0, "\(result.report)")
    #expect(result.lines.contains("# the file has no rows for it"))
    #expect(
      result.lines.filter { $0.hasPrefix("\t.cfi") } == [
        "\t.cfi_startproc", "\t.cfi_def_cfa_offset 16", "\t.cfi_offset rbx, -16", "\t.cfi_def_cfa_offset 8",
        "\t.cfi_endproc",
      ])
    #expect(result.lines.contains("\t# +0x0  push rbx"))
  }

  @Test func whatCannotBeDerivedIsSaid() throws {
    let directory = try TemporaryDirectory()
    let result = try fibertrace("cfi", "--synthesize", try object(in: directory), "--function", "loses")
    #expect(result.status == 1)
    let sentence = "\t# not derived: no register and no word of the frame leads to the CFA"
    #expect(result.lines.contains { $0.hasPrefix(sentence) })
  }

  @Test func whatAnUnknownJumpMayLeadToIsMarked() throws {
    let directory = try TemporaryDirectory()
    let result = try fibertrace("cfi", "--synthesize", try object(in: directory), "--function", "jumps")
    #expect(result.status == 0, "\(result.report)")
    #expect(result.lines.contains("# if an indirect jump leads here:"))
    #expect(result.lines.contains { $0.hasPrefix("# where these jumps lead is not known: 0x") })
  }

  @Test func strippedFilesAreAskedByAddress() throws {
    let result = try fibertrace(
      "cfi", "--synthesize", "/lib/x86_64-linux-gnu/libz.so.1", "--address", "0x1", "--json")
    #expect(result.status == 2)
    #expect(result.errors.contains("no code at 0x1"))
  }

  @Test func everyMemberThatIsWrittenIsDocumented() throws {
    let page = try String(contentsOf: URL(filePath: "\(Package.root)/Docs/cfi-json.md"), encoding: .utf8)
    let directory = try TemporaryDirectory()
    let object = try object(in: directory)
    for subject in [["--function", "jumps", "--source"], ["--function", "loses"], []] {
      let result = try run(Package.product("fibertrace"), ["cfi", "--synthesize", object, "--json"] + subject)
      let document = try JSONSerialization.jsonObject(with: Data(result.output.utf8))
      for key in Self.keys(document) { #expect(page.contains("`\(key)`"), "\(key) is not documented") }
    }
  }

  private static func keys(_ value: Any) -> Set<String> {
    if let object = value as? [String: Any] { return object.reduce(Set(object.keys)) { $0.union(keys($1.value)) } }
    return (value as? [Any])?.reduce(Set<String>()) { $0.union(keys($1)) } ?? []
  }
}
