import CallFrameInfo
import Foundation
import FrameVerification
import TestSupport
import Testing

/// All of CFiberAsm, object by object, and as it is linked into programs.
@Suite struct OwnObjectTests {
  private static let folder = "\(Package.root)/Sources/CFiberAsm"

  private static func sources() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasSuffix(".c") || $0.hasSuffix(".S") }.sorted()
  }

  @Test(arguments: ["-O0", "-O2"])
  func `every instruction of CFiberAsm is proved`(_ optimization: String) throws {
    var instructions = 0
    for source in try Self.sources() {
      let directory = try TemporaryDirectory()
      let object = directory.file("object.o")
      let result = try run(
        "/usr/bin/env",
        [
          "clang", optimization, "-fPIC", "-I", "\(Self.folder)/include", "-c", "\(Self.folder)/\(source)", "-o",
          object,
        ])
      try #require(result.succeeded, "\(source): \(result.report)")
      // What is empty without sanitizers has no FDE.
      let elf = try ELFFile(reading: ByteArray(try Data(contentsOf: URL(filePath: object)).map { $0 }, name: object))
      guard elf.section(named: ".eh_frame") != nil else { continue }
      let checked = try Checked([UInt8](try Data(contentsOf: URL(filePath: object))), name: source)
      #expect(checked.isProved, "\(source): \(checked.report)")
      instructions += checked.instructions
    }
    #expect(instructions > 1500)
  }

  @Test(arguments: ["debug", "release"])
  func `every instruction of the switch is proved in a linked program`(_ configuration: String) throws {
    let path = try configuration == "debug" ? Package.product("ring") : Package.release("ring")
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let checked = try Checked(bytes, name: path)
    let elf = try ELFFile(reading: ByteArray(bytes, name: path))
    let symbols = try #require(try elf.symbols())
    var seen = 0
    for symbol in symbols where symbol.isFunction && symbols.name(of: symbol).hasPrefix("ft_") && symbol.size > 0 {
      let name = symbols.name(of: symbol)
      let index = try #require(checked.table.index(at: symbol.value), "\(name) has no FDE")
      let verdict = checked.verdicts[index]
      if name == "ft_suspend" {
        // Not inlined in debug builds. Its assembly pretends to jump to a call, so that the compiler keeps off the red zone: in
        // truth nothing leads to those instructions.
        #expect(verdict.refuted == 0 && verdict.unknown.keys.allSatisfy { $0 == .otherEntry }, "\(verdict.unknown)")
        continue
      }
      #expect(verdict.proved == verdict.instructions && verdict.findings.isEmpty, "\(name): \(verdict.unknown)")
      seen += 1
    }
    #expect(seen >= 10)
  }
}
