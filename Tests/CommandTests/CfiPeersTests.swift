import Foundation
import TestSupport
import Testing

/// What `fibertrace cfi` shows beside what others read from the same files.
@Suite struct CfiPeersTests {
  private static let libc = "/lib/x86_64-linux-gnu/libc.so.6"
  /// All code of libc, listed once.
  private static let listed = Result { () throws -> CfiText in
    CfiText(try fibertrace("cfi", libc, "--all").output)
  }

  /// The rows that ARCHITECTURE.md gives for one of the two functions, an element an instruction: the CFA, with "b" where rbp is
  /// saved, with "‡" where all but rsp and rbp are undefined.
  private func documented(_ column: Int) throws -> [(cfa: String, savesRBP: Bool, losesRegisters: Bool)] {
    let text = try String(contentsOf: URL(filePath: "\(Package.root)/ARCHITECTURE.md"), encoding: .utf8)
    let lines = text.components(separatedBy: "\n")
    let start = try #require(lines.firstIndex { $0.hasPrefix("| resume | CFA |") })
    return lines[(start + 2)...].prefix { $0.hasPrefix("|") }.flatMap { line in
      let cells = line.split(separator: "|", omittingEmptySubsequences: false).dropFirst()
        .map { $0.trimmingCharacters(in: .whitespaces) }
      let (code, cfa, saves) = (cells[column], cells[column + 1], cells[column + 2])
      return code.split(separator: ";").map { _ in (cfa, saves == "b", code.contains("‡")) }
    }
  }

  @Test(arguments: [("ft_fiber_resume", 0, 17), ("ft_fiber_suspend", 3, 14)])
  func theSwitchHasTheRowsOfTheDocumentation(_ function: String, _ column: Int, _ count: Int) throws {
    let directory = try TemporaryDirectory()
    let assembly = "\(Package.root)/Sources/CFiberAsm"
    let object = directory.file("switch.o")
    let build = try run(
      "/usr/bin/env", ["clang", "-c", "-I\(assembly)/include", "-o", object, "\(assembly)/fiber_x86_64.S"])
    try #require(build.status == 0, "\(build.errors)")
    let result = try fibertrace("cfi", object, "--function", function)
    #expect(result.status == 0)
    let lines = CfiText(result.output).parts.flatMap(\.lines)
    let documented = try documented(column)
    #expect(documented.count == count)
    #expect(lines.count == count)
    let general = Set(["rax", "rdx", "rcx", "rbx", "rsi", "rdi"] + (8...15).map { "r\($0)" })
    for (line, expected) in zip(lines, documented) {
      #expect(line.row?["CFA"] == expected.cfa, "\(line)")
      #expect(line.row?["ra"] == "c-8", "\(line)")
      #expect(line.row?["rbp"] == (expected.savesRBP ? "c-16" : nil), "\(line)")
      let lost = Set((line.row ?? [:]).filter { $0.value == "u" }.keys)
      if expected.losesRegisters { #expect(lost == general, "\(line)") } else { #expect(lost != general, "\(line)") }
    }
  }

  @Test func everyInstructionOfLibcIsShownOnceAsObjdumpReadsIt() throws {
    // FDEs by readelf: "FDE cie=00000000 pc=0000000000026f80..0000000000026fa1".
    let frames = try run("/usr/bin/readelf", ["--debug-dump=frames", Self.libc]).lines.compactMap { line in
      line.firstMatch(of: /\ FDE .* pc=([0-9a-f]+)\.\.([0-9a-f]+)/).flatMap { match in
        UInt64(match.1, radix: 16).flatMap { start in UInt64(match.2, radix: 16).map { start..<$0 } }
      }
    }.sorted { $0.lowerBound < $1.lowerBound }
    try #require(frames.count > 3000)
    func isCovered(_ address: UInt64) -> Bool {
      var (low, high) = (0, frames.count)
      while low < high {
        let middle = (low + high) / 2
        if frames[middle].lowerBound <= address { low = middle + 1 } else { high = middle }
      }
      return low > 0 && frames[low - 1].contains(address)
    }
    let listed = try Self.listed.get()
    var shown: [UInt64: String] = [:]
    var repeated = 0
    // The FDE of __restore_rt begins with a byte of the padding before it, and only debug information says where it begins.
    let trampolines = listed.parts.filter(\.isSignalFrame).map(\.addresses)
    #expect(trampolines.count == 1)
    for line in listed.parts.lazy.filter({ $0.hasFDE && !$0.isSignalFrame }).flatMap(\.lines) {
      if shown.updateValue(line.instruction, forKey: line.address) != nil { repeated += 1 }
    }
    #expect(repeated == 0)

    let disassembly = try run("/usr/bin/objdump", ["-d", "-M", "intel", "--insn-width=16", Self.libc])
    var (count, missing, others) = (0, 0, [String: Int]())
    for line in disassembly.output.split(separator: "\n") {
      let fields = line.split(separator: "\t")
      guard fields.count == 3, let address = UInt64(fields[0].dropLast().drop { $0 == " " }, radix: 16),
        isCovered(address), !trampolines.contains(where: { $0.contains(address) })
      else { continue }
      count += 1
      guard let ours = shown[address] else {
        missing += 1
        continue
      }
      let (mine, theirs) = (Mnemonic(ours), Mnemonic(fields[2]))
      if mine != theirs { others["\(theirs.name) | \(mine.name)", default: 0] += 1 }
    }
    print("libc: \(count) instructions under an FDE by objdump, \(shown.count) shown")
    #expect(count > 300_000)
    #expect(missing == 0)
    #expect(count == shown.count)
    #expect(others == [:])
  }

  @Test func everyRowOfLibcIsReadelfs() throws {
    var rows: [UInt64: [String: String]] = [:]
    var ends: [UInt64: UInt64] = [:]
    for part in try Self.listed.get().parts where part.hasFDE {
      ends[part.addresses.lowerBound] = part.addresses.upperBound
      for line in part.lines { rows[line.address] = line.row }
    }
    var (columns, count, different) = ([String](), 0, [String]())
    var start: UInt64?
    for line in try run("/usr/bin/readelf", ["-wF", Self.libc]).lines {
      let fields = line.split(separator: " ").map(String.init)
      if let match = line.firstMatch(of: /\ FDE .* pc=([0-9a-f]+)\.\./) {
        start = UInt64(match.1, radix: 16)
        columns = []
      } else if line.contains(" CIE ") {
        start = nil
      } else if fields.first == "LOC" {
        columns = fields
      } else if start != nil, fields.count == columns.count, let address = UInt64(fields.first ?? "", radix: 16) {
        count += 1
        let ours = rows[address] ?? [:]
        for (column, rule) in zip(columns, fields).dropFirst() {
          // readelf has no other sign for a register without a rule.
          let mine = ours[column] ?? "u"
          if mine != rule { different.append("\(fields[0]) \(column): \(rule), shown \(mine)") }
        }
      }
    }
    print("libc: \(count) rows by readelf")
    #expect(count > 10_000)
    #expect(different.prefix(10) == [])
  }
}

/// The name of an instruction with its prefixes, in one spelling.
private struct Mnemonic: Equatable {
  var name: String

  private static let prefixes: Set<String> = [
    "rep", "repz", "repnz", "repe", "repne", "lock", "bnd", "notrack", "data16", "cs", "ds", "es", "ss", "fs", "gs",
    "xacquire", "xrelease", "addr32", "rex.W", "rex.WB", "rex",
  ]

  init(_ text: some StringProtocol) { name = Self.spelling(Self.first(String(text))) }

  /// The first word that is no prefix.
  private static func first(_ text: String) -> String {
    let words = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
    return words.first { !prefixes.contains($0) } ?? words.first ?? ""
  }

  private static let sizedNames: Set<String> = ["movs", "stos", "lods", "scas", "cmps"]
  private static let conditions = ["eq", "neq", "lt", "le", "nlt", "nle"]

  /// One of the names where the two differ: the size of string instructions, comparisons with their condition in the name.
  private static func spelling(_ word: String) -> String {
    if word == "movabs" { return "mov" }
    // 66 90, which the Intel manual lists as both.
    if word == "xchg" { return "nop" }
    if word.utf8.count == 5, sizedNames.contains(String(word.dropLast())) { return String(word.dropLast()) }
    if word.hasPrefix("vpcmp"), let condition = conditions.first(where: word.dropFirst(5).hasPrefix) {
      return "vpcmp" + word.dropFirst(5 + condition.utf8.count)
    }
    return word
  }
}
