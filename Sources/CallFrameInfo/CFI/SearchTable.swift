/// `.eh_frame_hdr`: where `.eh_frame` is, and its FDEs by address (LSB Core, "The .eh_frame_hdr section").
///
/// A collection of the entries in the file's order, each read when asked for.
public struct SearchTable: Sendable {
  /// One entry.
  public struct Entry: Sendable, Hashable {
    /// The first address of the function.
    public var address: UInt64
    /// Virtual address of its FDE.
    public var fdeAddress: UInt64
  }

  /// How the address of `.eh_frame` is written.
  public let ehFrameEncoding: PointerEncoding
  /// How the number of entries is written; `omit` where there are none.
  public let countEncoding: PointerEncoding
  /// How the entries are written; `omit` where there are none.
  public let entryEncoding: PointerEncoding
  /// Virtual address of `.eh_frame`, nil where it is not given.
  public let ehFrameAddress: UInt64?
  /// How many entries the header says there are.
  public let declaredCount: UInt64
  /// How many there are.
  public let count: Int
  /// Offset of the first entry in the section.
  public let entriesOffset: Int
  /// Size of an entry in bytes, 0 where there are none.
  public let entrySize: Int

  private let section: CallFrameSection
  private let bases: PointerBases

  /// Reads the header of a section.
  ///
  /// - Parameters:
  ///   - bytes: all of `.eh_frame_hdr`, or of the PT_GNU_EH_FRAME segment.
  ///   - address: virtual address of the first byte, which datarel pointers are relative to.
  ///   - source: name of the file.
  /// - Throws: what is wrong with the header. A number of entries that do not fit is no error: see `declaredCount`.
  public init(_ bytes: [UInt8], address: UInt64, source: String) throws(CallFrameError) {
    let section = CallFrameSection(.ehFrame, name: ".eh_frame_hdr", source: source, bytes: bytes, address: address)
    let bases = PointerBases(section: address, text: nil, data: address, function: nil, addressSize: 8)
    var cursor = SectionCursor(section, 0..<bytes.count)
    let version = try cursor.byte("the version")
    guard version == 1 else { throw section.error(.unsupported, at: 0, "version \(version), expected 1") }
    ehFrameEncoding = PointerEncoding(rawValue: try cursor.byte("the encoding of the address of .eh_frame"))
    countEncoding = PointerEncoding(rawValue: try cursor.byte("the encoding of the number of entries"))
    entryEncoding = PointerEncoding(rawValue: try cursor.byte("the encoding of the entries"))
    ehFrameAddress =
      ehFrameEncoding == .omit
      ? nil : try cursor.pointer(ehFrameEncoding, bases, "the address of .eh_frame").value
    let hasEntries = countEncoding != .omit && entryEncoding != .omit
    declaredCount =
      hasEntries ? try cursor.number(countEncoding, addressSize: 8, "the number of entries") : 0
    entriesOffset = cursor.offset
    if hasEntries {
      guard let size = entryEncoding.format?.fixedSize, let application = entryEncoding.application,
        application != .aligned, !entryEncoding.isIndirect
      else {
        throw section.error(
          .unsupported, at: 3,
          "entries with encoding 0x\(String(entryEncoding.rawValue, radix: 16)), which cannot be searched")
      }
      entrySize = 2 * size
      count = Int(Swift.min(declaredCount, UInt64(cursor.remaining / entrySize)))
      if count > 0 { _ = try cursor.pointer(entryEncoding, bases, "the first entry") }
    } else {
      entrySize = 0
      count = 0
    }
    self.section = section
    self.bases = bases
  }

  /// The entry to look in for the FDE of `address`: the last that starts at or before it. O(log n).
  ///
  /// Right only where the table is sorted, as it has to be; whether the FDE covers `address` only the FDE tells.
  public func entry(for address: UInt64) -> Entry? {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle].address <= address { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : self[low - 1]
  }
}

extension SearchTable: RandomAccessCollection {
  /// 0.
  public var startIndex: Int { 0 }
  /// `count`.
  public var endIndex: Int { count }

  /// An entry. O(1).
  public subscript(index: Int) -> Entry {
    precondition(index >= 0 && index < count)
    let start = entriesOffset + index * entrySize
    var cursor = SectionCursor(section, start..<start + entrySize)
    // The initializer has shown that entries lie inside the section and that their base is known.
    guard let address = try? cursor.pointer(entryEncoding, bases, "an entry").value,
      let fdeAddress = try? cursor.pointer(entryEncoding, bases, "an entry").value
    else { preconditionFailure("an entry that lies inside the section cannot be read") }
    return Entry(address: address, fdeAddress: fdeAddress)
  }
}

extension PointerEncoding.Format {
  /// Its size in bytes with addresses of 8, nil for LEB128.
  var fixedSize: Int? {
    switch self {
    case .udata2, .sdata2: 2
    case .udata4, .sdata4: 4
    case .absolutePointer, .signedPointer, .udata8, .sdata8: 8
    case .uleb128, .sleb128: nil
    }
  }
}
