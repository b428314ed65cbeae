import CallFrameInfo
import ExecutionRecordings
import Foundation
import FrameMutation
import TestSupport

/// A program of `Programs`, built, with its call frame information.
struct SampleProgram {
  let path: String
  let elf: ELFFile
  let table: CallFrameTable
  /// Registers that its functions need not preserve.
  let notPreserved: UInt16
  private let directory: TemporaryDirectory

  /// Every build of every program.
  static let builds: [SampleBuild] = {
    let folder = "\(Package.root)/Tests/MutationTests/Programs"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return SampleBuild.all(of: names.map { "\(folder)/\($0)" })
  }()

  init(_ build: SampleBuild) throws {
    try self.init(build.command, notPreserved: build.isSwift ? Activation.swiftErrors : 0)
  }

  /// The build of this name: "frames gcc -O2".
  init(named name: String) throws {
    guard let build = Self.builds.first(where: { $0.name == name }) else {
      throw BuildFailure(output: "no build is called \(name): \(Self.builds.map(\.name))")
    }
    try self.init(build)
  }

  /// A program of one's own.
  ///
  /// - Parameter command: a C compiler and its options.
  init(source: String, _ command: [String]) throws {
    let directory = try TemporaryDirectory()
    try self.init(command + [try directory.write(source, to: "source.c")], in: directory)
  }

  private init(_ command: [String], notPreserved: UInt16 = 0, in directory: TemporaryDirectory? = nil) throws {
    self.directory = try directory ?? TemporaryDirectory()
    self.notPreserved = notPreserved
    path = self.directory.file("program")
    let result = try run("/usr/bin/env", command + ["-o", path])
    guard result.succeeded else { throw BuildFailure(output: result.report) }
    elf = try ELFFile(reading: ByteArray([UInt8](Data(contentsOf: URL(filePath: path))), name: path))
    var problems: [ELFError] = []
    table = CallFrameTable(of: elf, problems: &problems)
    if let problem = problems.first { throw problem }
  }

  /// The names of functions that begin at these addresses.
  func names(of addresses: Set<UInt64>) throws -> Set<String> {
    guard let symbols = try elf.symbols() else { return [] }
    return Set(
      symbols.filter { addresses.contains($0.value) && $0.kind == .function }.map { symbols.name(of: $0) })
  }

  /// The addresses of the function of this name.
  func addresses(of name: String) throws -> Range<UInt64> {
    guard let symbols = try elf.symbols(),
      let symbol = symbols.first(where: { $0.kind == .function && symbols.name(of: $0) == name })
    else { throw BuildFailure(output: "\(path): no function \(name)") }
    return symbol.value..<symbol.value + symbol.size
  }
}

/// A compiler's complaint.
struct BuildFailure: Error, CustomStringConvertible {
  let output: String
  var description: String { output }
}
