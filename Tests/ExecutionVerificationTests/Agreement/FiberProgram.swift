import Foundation
import TestSupport

/// A program with fibers, and where the switch's instructions are in it.
struct FiberProgram {
  struct BuildError: Error, CustomStringConvertible { var description: String }

  let path: String
  /// The functions of the switch, by the file's addresses.
  let functions: [String: Range<UInt64>]
  /// Their instructions as a disassembler has them, with what it calls each.
  let instructions: [UInt64: String]
  private let directory: TemporaryDirectory?

  /// Whether an address is in one of some functions.
  func contains(_ names: String..., address: UInt64) -> Bool {
    names.contains { functions[$0]?.contains(address) ?? false }
  }

  /// `outside_fibers.c` of the switch's own tests, fibers three deep.
  init(compiler: String) throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("fibers")
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let sources = root.appending(path: "Sources/CFiberAsm")
    let files = [
      "fiber_x86_64.S", "registry.c", "records.c", "personality.c", "sanitizers.c", "stacks.c", "catches.c",
      "float_control.c",
    ].map { sources.appending(path: $0).path }
    let program = root.appending(path: "Tests/SwitchTests/Programs/outside_fibers.c").path
    let options = ["-O2", "-g", "-I", sources.appending(path: "include").path, "-o", path, "-pthread"]
    let built = try run(compiler, options + [program] + files)
    guard built.succeeded else { throw BuildError(description: built.report) }
    try self.init(path: path, directory: directory)
  }

  /// A program that there is.
  init(path: String) throws { try self.init(path: path, directory: nil) }

  private init(path: String, directory: TemporaryDirectory?) throws {
    self.path = path
    self.directory = directory
    var functions: [String: Range<UInt64>] = [:]
    for line in try run("nm", ["-S", path]).lines {
      let fields = line.split(separator: " ")
      guard fields.count == 4, fields[3].hasPrefix("ft_fiber_"), fields[2] == "t" || fields[2] == "T",
        let start = UInt64(fields[0], radix: 16), let size = UInt64(fields[1], radix: 16), size > 0
      else { continue }
      functions[String(fields[3])] = start..<start + size
    }
    self.functions = functions
    var instructions: [UInt64: String] = [:]
    for line in try run("objdump", ["-d", "--no-show-raw-insn", path]).lines {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, let address = UInt64(parts[0].trimmingCharacters(in: .whitespaces), radix: 16),
        functions.values.contains(where: { $0.contains(address) })
      else { continue }
      instructions[address] = parts[1].trimmingCharacters(in: .whitespaces)
    }
    self.instructions = instructions
  }
}
