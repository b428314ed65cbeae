import CallFrameInfo
import Foundation
import FrameVerification
import Instructions

/// A file whose functions are synthesized.
struct SynthesizedFile {
  let elf: ELFFile
  let table: CallFrameTable
  let facts: CodeFacts
  let reader: CodeReader
  private var flow: CodeFlow

  init(_ path: String) throws {
    elf = try ELFFile(reading: ByteArray([UInt8](Data(contentsOf: URL(filePath: path))), name: path))
    var problems: [ELFError] = []
    table = CallFrameTable(of: elf, problems: &problems)
    let symbols = try elf.symbols()
    let names = symbols?.filter(\.isFunction).map { (address: $0.value, rawName: symbols?.name(of: $0) ?? "") } ?? []
    var unread: [String] = []
    reader = CodeReader(
      elf, sections: CodeSection.all(of: elf, problems: &unread), labels: names.map(\.address).sorted())
    facts = CodeFacts(of: elf, names: names, reader: reader, problems: &problems)
    flow = CodeFlow(table: table, facts: facts, reader: reader) { _ in nil }
  }

  /// What is made for the function that begins at `start`, under an FDE.
  mutating func function(at start: UInt64) -> SynthesizedFunction? {
    table.index(at: start).flatMap { flow.synthesize(start, in: [table.ownAddresses(of: $0)]) }
  }

  /// The lines of that function and of its parts, by address.
  mutating func lines(at start: UInt64) -> [UInt64: SynthesizedFunction.Line] {
    var lines: [UInt64: SynthesizedFunction.Line] = [:]
    for part in function(at: start)?.parts ?? [] {
      for line in part.lines { lines[line.instruction.address] = line }
    }
    return lines
  }
}
