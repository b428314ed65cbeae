/// Little-endian numbers and LEB128 for images made byte by byte.
enum Encoded {
  static func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  static func uleb(_ value: UInt64) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7f) | 0x80] + uleb(value >> 7)
  }

  static func sleb(_ value: Int64) -> [UInt8] {
    value >= -64 && value < 64 ? [UInt8(value & 0x7f)] : [UInt8(value & 0x7f) | 0x80] + sleb(value >> 7)
  }
}

/// Builds `.eh_frame` or `.debug_frame` record by record, sound or not.
struct FrameBytes {
  /// What makes CIEs the usual ones: CFA = rsp + 8, rip at CFA - 8.
  static let entryRules: [UInt8] = [0x0c, 7, 8, 0x90, 1]

  let isDebugFrame: Bool
  /// Virtual address of the first byte.
  let address: UInt64
  var bytes: [UInt8] = []
  /// Offset of the last CIE.
  private(set) var lastCIE = 0
  private(set) var lastAugmentation = ""
  /// The start and the offset of each FDE.
  private(set) var fdes: [(start: UInt64, offset: Int)] = []

  init(isDebugFrame: Bool = false, address: UInt64) {
    self.isDebugFrame = isDebugFrame
    self.address = address
  }

  /// A record, filled up to 8 bytes with DW_CFA_nop.
  private mutating func record(cie: Int?, _ body: [UInt8]) {
    var body = body
    while (8 + body.count) % 8 != 0 { body.append(0) }
    bytes += Encoded.little(UInt32(body.count + 4))
    let value: UInt32
    if isDebugFrame {
      value = cie.map { UInt32($0) } ?? .max
    } else {
      value = cie.map { UInt32(truncatingIfNeeded: bytes.count - $0) } ?? 0
    }
    bytes += Encoded.little(value) + body
  }

  /// A CIE; in `.eh_frame` "zR" with addresses in 4 bytes relative to their place, in `.debug_frame` version 4.
  mutating func cie(
    version: UInt8? = nil, augmentation: String? = nil, data: [UInt8]? = nil, sizes: [UInt8] = [8, 0],
    code: UInt64 = 1, dataAlignment: Int64 = -8, column: UInt8 = 16, _ program: [UInt8] = Self.entryRules
  ) {
    lastCIE = bytes.count
    let version = version ?? (isDebugFrame ? 4 : 1)
    let augmentation = augmentation ?? (isDebugFrame ? "" : "zR")
    lastAugmentation = augmentation
    let data = data ?? [0x1b]
    var body: [UInt8] = [version] + Array(augmentation.utf8) + [0]
    if version >= 4 { body += sizes }
    body += Encoded.uleb(code) + Encoded.sleb(dataAlignment) + [column]
    if augmentation.hasPrefix("z") { body += Encoded.uleb(UInt64(data.count)) + data }
    record(cie: nil, body + program)
  }

  /// An FDE of the last CIE, or of the one at `cie`.
  mutating func fde(
    _ addresses: Range<UInt64>, cie: Int? = nil, lsda: UInt64? = nil, _ program: [UInt8] = FixtureImage.frameProgram
  ) {
    fdes.append((addresses.lowerBound, bytes.count))
    var body: [UInt8] = []
    if isDebugFrame {
      body = Encoded.little(addresses.lowerBound) + Encoded.little(UInt64(addresses.count))
    } else {
      let place = address + UInt64(bytes.count) + 8
      body = Encoded.little(UInt32(truncatingIfNeeded: addresses.lowerBound &- place))
      body += Encoded.little(UInt32(addresses.count))
      if lastAugmentation.contains("L") {
        // 0 stands for none.
        body += [4] + Encoded.little(lsda.map { UInt32(truncatingIfNeeded: $0 &- (place + 9)) } ?? 0)
      } else {
        body.append(0)
      }
    }
    record(cie: cie ?? lastCIE, body + program)
  }

  /// The zero length.
  mutating func terminator() { bytes += [0, 0, 0, 0] }
}
