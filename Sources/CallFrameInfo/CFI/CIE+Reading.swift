/// What a CIE's augmentation string and data say.
private struct Augmentation {
  var pointerEncoding = PointerEncoding.absolute
  var lsdaEncoding: PointerEncoding?
  var personality: EncodedPointer?
  var isSignalFrame = false
  var usesBKey = false
}

extension CallFrameSection {
  /// The longest augmentation read, in bytes. Real ones have at most 6.
  static let longestAugmentation = 64

  /// The CIE at `offset`.
  ///
  /// - Throws: what is wrong with it, or that there is none.
  func cie(at offset: Int) throws(CallFrameError) -> CIE {
    guard bytes.indices.contains(offset), case .record(let isDWARF64, let body) = try extent(at: offset) else {
      throw error(.badCIE, at: offset, "no CIE here")
    }
    let header = try header(at: offset, isDWARF64: isDWARF64, body: body)
    guard header.isCIE else { throw error(.badCIE, at: offset, "an FDE, expected a CIE") }
    return try cie(header)
  }

  /// The CIE with this header.
  func cie(_ header: RecordHeader) throws(CallFrameError) -> CIE {
    var cursor = header.body
    let version = try cursor.byte("the version of a CIE")
    guard version == 1 || (3...5).contains(version) else {
      throw error(.version, at: cursor.offset - 1, "CIE version \(version), expected 1, 3, 4 or 5")
    }
    let place = cursor.offset
    let string = try augmentationString(&cursor)
    let (addressSize, segmentSelectorSize) = version >= 4 ? try sizes(&cursor) : (8, 0)
    let hasTable = string.starts(with: "eh".utf8)
    if hasTable {
      // GCC 2's pointer to a table of its own, which nothing reads any more.
      _ = try cursor.unsigned(size: addressSize, "the exception table of a CIE")
    }
    let codeAlignment = try cursor.uleb("the code alignment factor")
    let dataAlignment = try cursor.sleb("the data alignment factor")
    let returnAddressRegister =
      version == 1
      ? UInt16(try cursor.byte("the return address register")) : try cursor.register("the return address register")
    let augmentation = try augmentation(
      string.dropFirst(hasTable ? 2 : 0), at: place, &cursor, bases(addressSize: addressSize))
    return CIE(
      offset: header.offset, length: header.end - header.offset, isDWARF64: header.isDWARF64,
      hasWidePointer: header.hasWidePointer, version: version,
      augmentation: String(decoding: string, as: UTF8.self), addressSize: addressSize,
      segmentSelectorSize: segmentSelectorSize, codeAlignment: codeAlignment, dataAlignment: dataAlignment,
      returnAddressRegister: returnAddressRegister, pointerEncoding: augmentation.pointerEncoding,
      lsdaEncoding: augmentation.lsdaEncoding, personality: augmentation.personality,
      isSignalFrame: augmentation.isSignalFrame, usesBKey: augmentation.usesBKey,
      instructions: cursor.offset..<header.end)
  }

  /// The string up to its NUL.
  private func augmentationString(_ cursor: inout SectionCursor) throws(CallFrameError) -> [UInt8] {
    let start = cursor.offset
    var characters: [UInt8] = []
    while true {
      let character = try cursor.byte("the augmentation of a CIE")
      if character == 0 { return characters }
      characters.append(character)
      if characters.count > Self.longestAugmentation {
        throw error(.augmentation, at: start, "an augmentation of more than \(Self.longestAugmentation) bytes")
      }
    }
  }

  /// `address_size` and `segment_selector_size`, since version 4.
  private func sizes(_ cursor: inout SectionCursor) throws(CallFrameError) -> (UInt8, UInt8) {
    let address = try cursor.byte("the address size of a CIE")
    guard [1, 2, 4, 8].contains(address) else {
      throw error(.addressSize, at: cursor.offset - 1, "addresses of \(address) bytes, expected 1, 2, 4 or 8")
    }
    let selector = try cursor.byte("the segment selector size of a CIE")
    guard [0, 1, 2, 4, 8].contains(selector) else {
      throw error(
        .addressSize, at: cursor.offset - 1, "segment selectors of \(selector) bytes, expected 0, 1, 2, 4 or 8")
    }
    return (address, selector)
  }

  /// The data that the characters of the string announce, after which `cursor` is at the initial instructions.
  private func augmentation(
    _ string: ArraySlice<UInt8>, at place: Int, _ cursor: inout SectionCursor, _ bases: PointerBases
  ) throws(CallFrameError) -> Augmentation {
    var augmentation = Augmentation()
    if string.isEmpty { return augmentation }
    guard string.first == UInt8(ascii: "z") else {
      throw error(
        .augmentation, at: place,
        "augmentation \"\(Self.printable(string))\", of which only \"eh\" and \"z...\" can be read")
    }
    let block = try cursor.block("the augmentation data of a CIE")
    var data = SectionCursor(self, block.range)
    for (index, character) in zip(string.indices, string).dropFirst() {
      switch character {
      case UInt8(ascii: "R"):
        augmentation.pointerEncoding = try encoding(&data, "the encoding of an FDE's addresses")
      case UInt8(ascii: "L"):
        augmentation.lsdaEncoding = try encoding(&data, "the encoding of an LSDA pointer")
      case UInt8(ascii: "P"):
        let encoding = try encoding(&data, "the encoding of a personality")
        augmentation.personality = try data.optionalPointer(encoding, bases, "the personality of a CIE")
      case UInt8(ascii: "S"): augmentation.isSignalFrame = true
      case UInt8(ascii: "B"): augmentation.usesBKey = true
      default:
        // What it adds to the data is not known: nothing behind it can be found, though all of it can be skipped.
        let lost = string[index...].dropFirst().filter { "RL".utf8.contains($0) }
        guard lost.isEmpty else {
          throw error(
            .augmentation, at: place,
            "augmentation \"\(Self.printable(string))\", whose encodings are behind data unknown here")
        }
        return augmentation
      }
    }
    return augmentation
  }

  /// Text for a message: what is no printable ASCII as "\\x1b", since the file may have been made to garble terminals.
  private static func printable(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { byte in
      if (0x20..<0x7f).contains(byte), byte != UInt8(ascii: "\\") { return String(UnicodeScalar(byte)) }
      return "\\x\(byte < 16 ? "0" : "")\(String(byte, radix: 16))"
    }.joined()
  }

  private func encoding(_ data: inout SectionCursor, _ field: StaticString) throws(CallFrameError) -> PointerEncoding {
    let encoding = PointerEncoding(rawValue: try data.byte(field))
    guard encoding.isValid else {
      throw error(
        .encoding, at: data.offset - 1,
        "\(field) is 0x\(String(encoding.rawValue, radix: 16)), which is no pointer encoding")
    }
    return encoding
  }
}
