import Foundation
import TestSupport
import Testing

/// `fibertrace cfi` as people use it.
@Suite struct CfiTests {
  private static let libc = "/lib/x86_64-linux-gnu/libc.so.6"

  /// Assembles or compiles `source` in `directory`.
  private func build(_ source: String, as name: String, _ options: [String], in directory: TemporaryDirectory) throws
    -> String
  {
    try directory.write(source, to: name)
    let output = directory.file("built")
    let result = try run("/usr/bin/gcc", options + ["-o", output, directory.file(name)], directory: directory.path)
    try #require(result.status == 0, "\(result.errors)")
    return output
  }

  @Test(arguments: [
    ["cfi"], ["cfi", ""], ["cfi", "/bin/sh", "--all", "--function", "main"], ["cfi", "/bin/sh", "--address", "x"],
    ["cfi", "/bin/sh", "--address", "-1"], ["cfi", "/bin/sh", "--function", ""], ["cfi", "/bin/sh", "--source"],
    ["cfi", "/bin/sh", "--color", "sometimes"], ["cfi", "/bin/sh", "--directives-only"],
    ["cfi", "--synthesize", "/bin/sh", "--all"], ["cfi", "--synthesize", "/bin/sh", "--address", "0", "--bytes"],
    ["cfi", "--synthesize", "/bin/sh", "--directives-only"],
  ])
  func wrongUsageIs64(_ arguments: [String]) throws {
    let result = try run(Package.product("fibertrace"), arguments)
    #expect(result.status == 64)
    #expect(result.errors.contains("Usage: "))
    #expect(result.output == "")
  }

  @Test func whatIsNoELFFileWithCodeIs2() throws {
    let directory = try TemporaryDirectory()
    try directory.write("", to: "empty")
    try directory.write("hello", to: "text")
    let program = try build("int main(void) { return 0; }\n", as: "main.c", ["-g"], in: directory)
    let debug = directory.file("main.debug")
    try run("/usr/bin/objcopy", ["--only-keep-debug", program, debug])
    for path in [directory.file("empty"), directory.file("text"), directory.file("absent"), directory.path, debug] {
      let result = try fibertrace("cfi", path, "--all")
      #expect(result.status == 2, "\(path)")
      #expect(result.output == "", "\(path)")
      #expect(result.errors.hasPrefix("fibertrace: \(path): "), "\(path): \(result.errors)")
      #expect(result.errors.split(separator: "\n").count == 1, "\(path): \(result.errors)")
      if path == debug { #expect(result.errors.contains("a separate debug file")) }
    }
  }

  @Test func withoutAFunctionItListsTheFunctions() throws {
    let result = try fibertrace("cfi", Self.libc)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors == "")
    #expect(result.lines[0].firstMatch(of: /^\/.*: [0-9]+ FDEs of [0-9]+ CIEs in .eh_frame; .* MiB of code$/) != nil)
    #expect(result.lines.contains { $0.hasSuffix(" qsort") })
    // As many as objdump finds records for.
    let frames = try run("/usr/bin/readelf", ["--debug-dump=frames", Self.libc]).lines.count {
      $0.contains(" FDE cie=")
    }
    #expect(result.lines.count { $0.contains(" .eh_frame+0x") } == frames)
  }

  @Test func anUnknownOrAmbiguousNameIs2WithNamesToChooseFrom() throws {
    let ambiguous = try fibertrace("cfi", Self.libc, "--function", "str")
    #expect(ambiguous.status == 2)
    #expect(ambiguous.output == "")
    let lines = ambiguous.errors.split(separator: "\n")
    #expect(lines.count == 22)
    #expect(lines.last?.hasSuffix(" more") == true)
    let unknown = try fibertrace("cfi", Self.libc, "--function", "qsrot")
    #expect(unknown.status == 2)
    #expect(unknown.errors.contains("fibertrace:   qsort\n"))
  }

  @Test func anAddressIsTheFilesVirtualOne() throws {
    let all = try fibertrace("cfi", Self.libc, "--function", "qsort").lines
    let address = try #require(all.dropFirst(4).first?.split(separator: " ").first)
    for form in ["0x\(address)", String(address)] {
      let one = try fibertrace("cfi", Self.libc, "--address", form)
      #expect(one.status == 0)
      #expect(one.lines.map { $0.replacing("=>", with: "  ") } == all)
      #expect(one.lines.count { $0.hasPrefix("=>") } == 1)
    }
    let outside = try fibertrace("cfi", Self.libc, "--address", "0x7")
    #expect(outside.status == 2)
    #expect(outside.errors.contains("no code at 0x7: its code is at 0x"))
  }

  @Test func sourceLinesStandAboveTheirInstructions() throws {
    let directory = try TemporaryDirectory()
    let source = "int twice(int number) {\n  number += number;\n  return number;\n}\n"
    for options in [["-g", "-O0", "-c"], ["-g", "-O0", "-shared", "-fPIC"]] {
      let object = try build(source, as: "twice.c", options, in: directory)
      let result = try fibertrace("cfi", object, "--function", "twice", "--source")
      #expect(result.status == 0)
      let quoted = result.lines.filter { $0.contains("twice.c:") }
      #expect(
        quoted.map { $0.split(separator: "twice.c:").last ?? "" } == [
          "1: int twice(int number) {", "2: number += number;", "3: return number;", "4: }",
        ], "\(options): \(result.output)")
      #expect(try !fibertrace("cfi", object, "--function", "twice").output.contains("twice.c"))
    }
  }

  @Test func hostileNamesAreEscaped() throws {
    let directory = try TemporaryDirectory()
    let code = """
      .globl "evil\\033[2Jname"
      .type "evil\\033[2Jname", @function
      "evil\\033[2Jname": .cfi_startproc
      call "evil\\033[2Jname"
      ret
      .cfi_endproc
      .size "evil\\033[2Jname", 6
      .section .note.GNU-stack, "", @progbits

      """
    let object = try build(code, as: "evil.s", ["-c"], in: directory)
    for arguments in [["--all"], ["--all", "--json"], []] {
      let result = try run(Package.product("fibertrace"), ["cfi", object] + arguments)
      #expect(result.status == 0)
      #expect(result.output.contains("evil"))
      #expect(!result.output.utf8.contains(0x1b), "\(arguments)")
    }
  }

  @Test func colourIsForTerminalsAndThoseWhoAsk() throws {
    let arguments = ["cfi", Self.libc, "--function", "qsort_r"]
    func output(_ more: String...) throws -> String { try run(Package.product("fibertrace"), arguments + more).output }
    #expect(try !output().contains("\u{1b}"))
    #expect(try !output("--color=never").contains("\u{1b}"))
    let colored = try output("--color=always")
    #expect(colored.contains("\u{1b}[1;33m~rsp+"))
    #expect(try colored.replacing(/\u{1b}\[[0-9;]*m/, with: "") == output())
  }

  @Test func aReaderThatGoesAwayEndsItQuietly() throws {
    let command = "\(try Package.product("fibertrace")) cfi \(Self.libc) --all | head -1"
    let result = try run("/bin/sh", ["-c", command])
    #expect(result.lines.count == 1)
    #expect(result.errors == "")
  }

  @Test func theDocumentHasTheLinesOfTheTextAndTheDocumentedMembers() throws {
    let text = CfiText(try fibertrace("cfi", Self.libc, "--function", "qsort_r").output)
    let json = try fibertrace("cfi", Self.libc, "--function", "qsort_r", "--json").output
    let document = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    #expect(document["version"] as? Int == 1)
    let functions = try #require(document["functions"] as? [[String: Any]])
    let lines = functions.flatMap { $0["lines"] as? [[String: Any]] ?? [] }.filter { $0["text"] != nil }
    #expect(
      lines.compactMap { $0["address"] as? String }
        == text.parts.flatMap(\.lines).map { "0x" + String($0.address, radix: 16) })

    // Every member of every object is on the page.
    let page = try String(contentsOf: URL(filePath: "\(Package.root)/Docs/cfi-json.md"), encoding: .utf8)
    let described = Set(page.matches(of: /`([A-Za-z]+)`/).map { String($0.1) })
    func members(_ value: Any, isRegisters: Bool = false) -> Set<String> {
      if let object = value as? [String: Any] {
        return object.reduce(into: isRegisters ? [] : Set(object.keys)) { found, member in
          found.formUnion(members(member.value, isRegisters: member.key == "registers"))
        }
      }
      return (value as? [Any] ?? []).reduce(into: []) { $0.formUnion(members($1)) }
    }
    #expect(members(document).subtracting(described) == [])
  }

  @Test func helpIs0() throws {
    let help = try fibertrace("cfi", "--help")
    #expect(help.status == 0)
    #expect(help.output.contains("fibertrace cfi libc.so.6 --function memcpy --source"))
  }
}
