import Foundation
import TestSupport

/// A program in assembly without call frame information, and the same with what `fibertrace cfi --synthesize` prints pasted in.
struct PastedProgram {
  /// Names of its functions.
  let functions: [String]
  /// The assembly with directives.
  let assembly: String
  /// Directives that were pasted, `.cfi_startproc` and `.cfi_endproc` aside.
  private(set) var directives = 0

  /// - Parameter command: a compiler, its options, and a file's path last.
  init(_ command: [String], in directory: TemporaryDirectory) throws {
    let source = directory.file("bare.s")
    let bare = directory.file("bare")
    try Self.require(
      command[0],
      command.dropFirst() + ["-S", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables", "-o", source])
    let lines = try String(contentsOfFile: source, encoding: .utf8).split(
      separator: "\n", omittingEmptySubsequences: false
    )
    .map { line in
      // GNU as knows nothing of clang's tables of symbols.
      line.contains(".cfi_") || line.contains(".addrsig") ? "" : String(line)
    }
    try directory.write(lines.joined(separator: "\n"), to: "bare.s")
    try Self.require("gcc", ["-g", "-o", bare, source])
    functions = lines.compactMap { $0.firstMatch(of: /\.type\s+(\S+),\s*@function/).map { String($0.1) } }
      .filter { !$0.contains(".cold") }
    var before: [Int: [String]] = [:]
    var behind: [Int: [String]] = [:]
    for function in functions {
      let result = try run(
        Package.product("fibertrace"), ["cfi", "--synthesize", bare, "--function", function, "--json", "--source"])
      guard result.succeeded else { throw PastingFailure(text: "\(function): \(result.report)") }
      let document = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
      for part in document?["parts"] as? [[String: Any]] ?? [] {
        let instructions = part["lines"] as? [[String: Any]] ?? []
        var line: Int?
        for instruction in instructions {
          let directives = instruction["directives"] as? [String] ?? []
          self.directives += directives.count
          if let line { behind[line, default: []] += directives }
          let own = instruction["line"] as? Int ?? line
          guard let own else { throw PastingFailure(text: "\(function): no line for its first instruction") }
          if line == nil { before[own - 1] = ["\t.cfi_startproc"] + directives }
          line = own
        }
        if let line { behind[line, default: []].append("\t.cfi_endproc") }
      }
    }
    var pasted: [String] = []
    for (index, text) in lines.enumerated() {
      pasted += before[index, default: []]
      pasted.append(text)
      pasted += behind[index + 1, default: []]
    }
    assembly = pasted.joined(separator: "\n")
  }

  /// What `verify` says of its functions, assembled and linked by `compiler`.
  func verdicts(by compiler: String, in directory: TemporaryDirectory) throws -> [String: Any] {
    let program = directory.file("pasted-\(compiler)")
    try directory.write(assembly, to: "pasted.s")
    try Self.require(compiler, ["-o", program, directory.file("pasted.s")])
    let result = try run(
      Package.product("fibertrace"),
      ["verify", "--format", "json"] + functions.flatMap { ["--function", $0] } + [program])
    let document = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    let file = (document?["files"] as? [[String: Any]])?.first
    guard let counts = file?["counts"] as? [String: Any] else { throw PastingFailure(text: result.report) }
    return counts
  }

  private static func require(_ command: String, _ arguments: [String]) throws {
    let result = try run(command, arguments)
    guard result.succeeded else { throw PastingFailure(text: result.report) }
  }
}

/// Why nothing could be pasted.
struct PastingFailure: Error {
  let text: String
}
