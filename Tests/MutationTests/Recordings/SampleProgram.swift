import CallFrameInfo
import Foundation
import TestSupport

/// A program of `Programs`, built, with its call frame information.
struct SampleProgram {
  let path: String
  let elf: ELFFile
  let table: CallFrameTable

  /// - Parameter command: a compiler, its options, and the file's name last.
  init(_ command: [String], in directory: TemporaryDirectory) throws {
    let programs = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Programs")
    path = directory.path + "/program"
    let arguments =
      command.dropFirst().dropLast() + ["-o", path, programs.appending(path: command[command.count - 1]).path]
    let result = try run(command[0], Array(arguments))
    guard result.succeeded else { throw BuildFailure(output: result.report) }
    elf = try ELFFile(reading: ByteArray([UInt8](Data(contentsOf: URL(filePath: path))), name: path))
    var problems: [ELFError] = []
    table = CallFrameTable(of: elf, problems: &problems)
  }

  /// The names of functions that begin at these addresses.
  func names(of addresses: Set<UInt64>) throws -> Set<String> {
    guard let symbols = try elf.symbols() else { return [] }
    return Set(
      symbols.filter { addresses.contains($0.value) && $0.kind == .function }.map { symbols.name(of: $0) })
  }
}

/// A compiler's complaint.
struct BuildFailure: Error {
  let output: String
}
