/// The part that CIEs and FDEs begin with.
struct RecordHeader {
  /// Offset of the length field.
  var offset: Int
  /// Offset just after the record.
  var end: Int
  var isDWARF64: Bool
  var isCIE: Bool
  /// For a CIE of `.eh_frame` in 64-bit DWARF: whether the field after the length has 8 bytes.
  var hasWidePointer: Bool
  /// For an FDE, offset of its CIE; may lie anywhere.
  var cieOffset: Int
  /// What follows, up to `end`.
  var body: SectionCursor
}

/// What a length field says, and where its record ends.
enum RecordExtent {
  /// Length 0.
  case terminator(end: Int)
  /// `body` starts after the length field and ends with the record.
  case record(isDWARF64: Bool, body: SectionCursor)
}

extension CallFrameSection {
  /// The length field at `offset`, which must be inside the section.
  ///
  /// - Throws: `length` where it is not to be trusted: nothing after it can be found then.
  func extent(at offset: Int) throws(CallFrameError) -> RecordExtent {
    var cursor = SectionCursor(self, offset..<bytes.count)
    func fits(_ size: Int) throws(CallFrameError) {
      guard cursor.remaining < size else { return }
      throw error(
        .length, at: cursor.offset,
        "truncated: the length of a record does not fit in the \(cursor.remaining) bytes that are left")
    }
    try fits(4)
    var length = UInt64(try cursor.integer(UInt32.self, "the length of a record"))
    let isDWARF64 = length == 0xffff_ffff
    if isDWARF64 {
      try fits(8)
      length = try cursor.integer(UInt64.self, "the 64-bit length of a record")
    }
    if length == 0 { return .terminator(end: cursor.offset) }
    guard isDWARF64 || length < 0xffff_fff0 else {
      throw error(.length, at: offset, "length 0x\(String(length, radix: 16)), which DWARF reserves")
    }
    guard length <= UInt64(cursor.remaining) else {
      throw error(
        .length, at: offset, "a record of \(length) bytes where \(cursor.remaining) are left in the section")
    }
    cursor.close(at: cursor.offset + Int(length))
    return .record(isDWARF64: isDWARF64, body: cursor)
  }

  /// The field after the length, which tells CIEs from FDEs.
  ///
  /// In `.debug_frame` it is an offset in the section, all ones in a CIE. In `.eh_frame` it counts back from itself and
  /// is 0 in a CIE. In 64-bit DWARF it has 4 bytes there for LSB Core ("The Common Information Entry") and LLVM, 8 for
  /// gdb, binutils and elfutils. Both can be read: what follows the first 4 zeros of a CIE is either its version or
  /// more zeros, and FDEs are written as their CIE is; the distance, little-endian, is in the first 4 either way.
  func header(at offset: Int, isDWARF64: Bool, body: SectionCursor) throws(CallFrameError) -> RecordHeader {
    var body = body
    let field = body.offset
    let end = body.end
    switch kind {
    case .ehFrame:
      let distance = Int(Int32(bitPattern: try body.integer(UInt32.self, "the CIE pointer")))
      var hasWidePointer = false
      if distance == 0, isDWARF64, body.remaining >= 4 {
        var ahead = body
        hasWidePointer = try ahead.integer(UInt32.self, "the CIE pointer") == 0
        if hasWidePointer { body = ahead }
      }
      return RecordHeader(
        offset: offset, end: end, isDWARF64: isDWARF64, isCIE: distance == 0, hasWidePointer: hasWidePointer,
        cieOffset: field - distance, body: body)
    case .debugFrame:
      let value = try body.unsigned(size: isDWARF64 ? 8 : 4, "the CIE pointer")
      return RecordHeader(
        offset: offset, end: end, isDWARF64: isDWARF64, isCIE: value == (isDWARF64 ? UInt64.max : 0xffff_ffff),
        hasWidePointer: false, cieOffset: Int(exactly: value) ?? Int.max, body: body)
    }
  }

  /// The bases of pointers in this section.
  func bases(addressSize: UInt8, function: UInt64? = nil) -> PointerBases {
    PointerBases(section: address, text: textBase, data: dataBase, function: function, addressSize: addressSize)
  }
}
