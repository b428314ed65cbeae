@testable import CallFrameInfo

/// Builds `.eh_frame` or `.debug_frame` bytes for tests: CIEs and FDEs with the fields given.
struct SectionBytes {
  let kind: CallFrameSection.Kind
  var bytes: [UInt8] = []
  var address: UInt64 = 0x1000
  /// Offset of the last CIE.
  private(set) var lastCIE = 0
  /// Whether records are in 64-bit DWARF, and `.eh_frame`'s CIE pointers then of 8 bytes.
  var isDWARF64 = false
  var hasWidePointer = false

  init(_ kind: CallFrameSection.Kind = .ehFrame) { self.kind = kind }

  static func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  static func uleb(_ value: UInt64) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7f) | 0x80] + uleb(value >> 7)
  }

  static func sleb(_ value: Int64) -> [UInt8] {
    if value >= -64, value < 64 { return [UInt8(value & 0x7f)] }
    return [UInt8(value & 0x7f) | 0x80] + sleb(value >> 7)
  }

  /// A record of which `body` follows the field that tells CIEs from FDEs. Returns its offset.
  @discardableResult
  mutating func record(cie: Int?, _ body: [UInt8]) -> Int {
    let start = bytes.count
    let width = kind == .ehFrame ? (isDWARF64 && hasWidePointer ? 8 : 4) : (isDWARF64 ? 8 : 4)
    if isDWARF64 {
      bytes += [0xff, 0xff, 0xff, 0xff] + Self.little(UInt64(body.count + width))
    } else {
      bytes += Self.little(UInt32(body.count + width))
    }
    let field = bytes.count
    let value: UInt64
    switch kind {
    case .ehFrame: value = cie.map { UInt64(bitPattern: Int64(field - $0)) } ?? 0
    case .debugFrame: value = cie.map { UInt64($0) } ?? .max
    }
    bytes += Self.little(value).prefix(width)
    bytes += body
    return start
  }

  /// A CIE with code alignment 1, data alignment −8 and return address register 16.
  mutating func cie(
    version: UInt8 = 1, augmentation: String = "", data: [UInt8] = [], sizes: [UInt8] = [8, 0], code: UInt64 = 1,
    dataAlignment: Int64 = -8, _ instructions: [UInt8] = []
  ) {
    var body = [version] + Array(augmentation.utf8) + [0]
    if version >= 4 { body += sizes }
    if augmentation.hasPrefix("eh") { body += Self.little(0x1122_3344_5566_7788 as UInt64) }
    body += Self.uleb(code) + Self.sleb(dataAlignment) + [16]
    if augmentation.contains("z") { body += Self.uleb(UInt64(data.count)) + data }
    lastCIE = record(cie: nil, body + instructions)
  }

  /// An FDE of the last CIE whose addresses are written as 8 bytes each.
  @discardableResult
  mutating func fde(_ addresses: Range<UInt64>, data: [UInt8]? = nil, _ instructions: [UInt8] = []) -> Int {
    var body = Self.little(addresses.lowerBound) + Self.little(UInt64(addresses.count))
    if let data { body += Self.uleb(UInt64(data.count)) + data }
    return record(cie: lastCIE, body + instructions)
  }

  var section: CallFrameSection {
    CallFrameSection(kind, source: "test.so", bytes: bytes, address: address, textBase: 0x2000, dataBase: 0x3000)
  }

  var table: CallFrameTable { CallFrameTable([section]) }

  /// A table of one FDE for 0x100..<0x200 with these instructions, and a CIE with those: by default the usual ones,
  /// CFA = rsp + 8 and rip at CFA − 8.
  static func table(
    _ instructions: [UInt8], cie: [UInt8] = [0x0c, 7, 8, 0x90, 1], code: UInt64 = 1
  ) -> CallFrameTable {
    var bytes = SectionBytes()
    bytes.cie(code: code, cie)
    bytes.fde(0x100..<0x200, instructions)
    return bytes.table
  }
}

extension CallFrameTable {
  /// All rows of its first FDE, as far as they come, and the error after them.
  var allRows: (rows: [Row], error: CallFrameError?) {
    var rows: [Row] = []
    var reader = self.rows(of: fdes[0])
    do throws(CallFrameError) {
      while let row = try reader.next() { rows.append(row) }
      return (rows, nil)
    } catch {
      return (rows, error)
    }
  }

  /// Its rows in words: "0x100-0x104 CFA = rsp + 8, rip = *(CFA - 8)".
  var words: [String] {
    let (rows, error) = allRows
    let words = CallFrameWords(sections[0], cie: cies[0])
    return rows.map {
      "0x\(String($0.addresses.lowerBound, radix: 16))-0x\(String($0.addresses.upperBound, radix: 16)) "
        + words.describe($0)
    } + (error.map { ["\($0)"] } ?? [])
  }
}
