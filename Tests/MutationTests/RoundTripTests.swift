import CallFrameInfo
import Foundation
import FrameMutation
import FrameVerification
import TestSupport
import Testing

/// Records that are read, made editable and written again.
struct RoundTripTests {
  private static let files = [
    "/lib/x86_64-linux-gnu/libc.so.6", "/usr/lib/x86_64-linux-gnu/libstdc++.so.6", "/usr/bin/gcc",
  ]

  @Test("unmutated records written anew give the rows of the original at every address", arguments: files)
  func rowsStay(path: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let image = try FrameImage(bytes, name: path)
    let original = try Self.table(bytes)
    let written = try Self.table(image.replacing(image.frames).bytes)
    let frames = original.fdes.filter { original.section(of: $0).kind == .ehFrame }
    let rewritten = written.fdes.filter { written.section(of: $0).kind == .ehFrame }
    try #require(frames.count == rewritten.count && !frames.isEmpty)
    var rows = 0
    for (fde, other) in zip(frames, rewritten) {
      #expect(fde.addresses == other.addresses)
      #expect(fde.lsda?.value == other.lsda?.value)
      #expect(original.cie(of: fde).personality?.value == written.cie(of: other).personality?.value)
      #expect(original.cie(of: fde).isSignalFrame == written.cie(of: other).isSignalFrame)
      let expected = try Self.rows(of: fde, in: original)
      #expect(
        try Self.rows(of: other, in: written) == expected, "\(path): 0x\(String(fde.addresses.lowerBound, radix: 16))")
      rows += expected.count
    }
    #expect(rows > frames.count)
  }

  @Test("lint finds nothing in records written anew that it does not find in the original", arguments: files)
  func lintStays(path: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let image = try FrameImage(bytes, name: path)
    #expect(try Self.lint(image.replacing(image.frames).bytes) == Self.lint(bytes))
  }

  private static func table(_ bytes: [UInt8]) throws -> CallFrameTable {
    var problems: [ELFError] = []
    return CallFrameTable(of: try ELFFile(reading: ByteArray(bytes, name: "file")), problems: &problems)
  }

  private static func lint(_ bytes: [UInt8]) throws -> [String] {
    let elf = try ELFFile(reading: ByteArray(bytes, name: "file"))
    return Lint.findings(in: LintSubject(elf: elf, table: try table(bytes))).map {
      "\($0.severity) \($0.rule.id) \($0.address ?? 0)"
    }.sorted()
  }

  /// Rows as text: expressions by their bytes, since they lie elsewhere.
  private static func rows(of fde: FDE, in table: CallFrameTable) throws -> [String] {
    var rows = table.rows(of: fde)
    let section = table.section(of: fde)
    func text(_ block: ExpressionBlock) -> String { "\(Array(section.bytes[block.range]))" }
    var result: [String] = []
    while let row = try rows.next() {
      var line = "\(row.addresses) "
      switch row.cfa {
      case .expression(let block): line += text(block)
      default: line += "\(row.cfa)"
      }
      for (register, rule) in row.registers {
        switch rule {
        case .expression(let block): line += " \(register): *\(text(block))"
        case .valueExpression(let block): line += " \(register): \(text(block))"
        default: line += " \(register): \(rule)"
        }
      }
      // Rows that only the size of arguments tells apart are one.
      result.append(line + " \(row.argumentsSize)")
    }
    return result
  }
}
