/// The call sites of a function's LSDA in the format of the Itanium C++ ABI's level II (as GCC's `except.c` writes it and the
/// personality routines of C, C++, Rust, Ada and D read it): which calls unwind to which landing pad.
///
/// A call that no site covers ends the program if it throws; one whose site has no landing pad lets the exception pass.
public struct CallSites: Sendable, Hashable {
  /// One entry of the table.
  public struct Site: Sendable, Hashable {
    /// Addresses of the calls, from the first one's start to the last one's end. May be empty.
    public let addresses: Range<UInt64>
    /// Where an exception goes on, nil for nowhere.
    public let landingPad: UInt64?
    /// 1 + the offset in the action table of what is caught there; 0 for cleanups alone.
    public let action: UInt64
  }

  /// The addresses of the LSDA up to the end of its call sites. Actions and types follow.
  public let addresses: Range<UInt64>
  /// All of them, in the order of the table: ascending and apart from each other, as personality routines search them.
  public let sites: [Site]

  /// Bytes that the fields before the table take at most.
  private static let mostHeaderBytes = 48

  /// Reads the LSDA of an FDE; nil if it has none. O(size of the table).
  ///
  /// Only the CIE's personality routine knows that it is in this format: what other routines read may look like it by chance.
  ///
  /// - Throws: `truncated` if the file does not have all of it; `malformed` if sites are not ascending, not apart from each other or
  ///   outside the FDE's addresses, or if there are more than bytes of code; `unsupported` for an unknown encoding, `noBase` for
  ///   a pointer that only a program in memory has. The offset in errors counts from the start of the LSDA's section, without
  ///   one from the LSDA.
  public init?(of fde: FDE, cie: CIE, in elf: ELFFile) throws(CallFrameError) {
    guard let lsda = fde.lsda else { return nil }
    let holder = elf.sections.first { $0.range?.contains(lsda.value) == true }
    let base = lsda.value &- (holder?.address ?? lsda.value)
    func fail(_ code: CallFrameError.Code, at offset: Int, _ text: String) -> CallFrameError {
      CallFrameError(
        code, source: elf.source.name, section: holder?.name ?? "LSDA", offset: Int(clamping: base) &+ offset, text)
    }
    func place<Value>(_ body: () throws(CallFrameError) -> Value) throws(CallFrameError) -> Value {
      do throws(CallFrameError) { return try body() } catch { throw fail(error.code, at: error.offset, error.text) }
    }
    guard !lsda.isIndirect else {
      throw fail(.noBase, at: 0, "the LSDA's address lies in memory, at 0x\(String(lsda.value, radix: 16))")
    }
    let size = elf.byteCount(fromAddress: lsda.value)
    guard size > 0 else { throw fail(.truncated, at: 0, "the file has no bytes for the LSDA") }
    let header = try place { () throws(CallFrameError) in
      try Header(
        CallFrameSection(
          .ehFrame, source: elf.source.name,
          bytes: elf.bytes(atAddress: lsda.value, count: Self.mostHeaderBytes), address: lsda.value),
        fde: fde, cie: cie)
    }
    guard header.tableSize <= size - UInt64(header.size) else {
      throw fail(
        .truncated, at: header.size,
        "a call-site table of \(header.tableSize) bytes, of which the file does not have all")
    }
    let section = CallFrameSection(
      .ehFrame, source: elf.source.name,
      bytes: elf.bytes(atAddress: lsda.value, count: header.size + Int(header.tableSize)), address: lsda.value)
    sites = try place { () throws(CallFrameError) in try Self.sites(section, header, fde) }
    addresses = lsda.value..<lsda.value + UInt64(section.bytes.count)
  }

  private static func sites(
    _ section: CallFrameSection, _ header: Header, _ fde: FDE
  ) throws(CallFrameError) -> [Site] {
    var cursor = SectionCursor(section, header.size..<section.bytes.count)
    var sites: [Site] = []
    let count = fde.addresses.upperBound - fde.addresses.lowerBound
    var end: UInt64 = 0
    while !cursor.isAtEnd {
      let place = cursor.offset
      let start = try cursor.number(header.encoding, addressSize: header.addressSize, "a call site's start")
      let length = try cursor.number(header.encoding, addressSize: header.addressSize, "a call site's length")
      let pad = try cursor.number(header.encoding, addressSize: header.addressSize, "a landing pad")
      let action = try cursor.uleb("a call site's action")
      guard start >= end else {
        throw section.error(
          .malformed, at: place,
          "a call site at +0x\(String(start, radix: 16)), before the end of the last one: personality routines miss it")
      }
      guard start <= count, length <= count - start else {
        throw section.error(
          .malformed, at: place,
          "a call site of \(length) bytes at +0x\(String(start, radix: 16)) of a function of \(count) bytes")
      }
      guard UInt64(sites.count) <= count else {
        throw section.error(.malformed, at: place, "more call sites than the function has bytes, \(count)")
      }
      end = start + length
      let first = fde.addresses.lowerBound + start
      sites.append(
        Site(
          addresses: first..<first + length, landingPad: pad == 0 ? nil : header.landingPadBase &+ pad, action: action))
    }
    return sites
  }

  /// What stands before the table.
  private struct Header {
    /// What landing pads are relative to.
    var landingPadBase: UInt64
    /// Format of the fields of call sites.
    var encoding: PointerEncoding
    var addressSize: UInt8
    /// Size of the table in bytes.
    var tableSize: UInt64
    /// Size of all before it in bytes.
    var size: Int

    init(_ section: CallFrameSection, fde: FDE, cie: CIE) throws(CallFrameError) {
      var cursor = SectionCursor(section, 0..<section.bytes.count)
      addressSize = cie.addressSize
      let bases = PointerBases(
        section: section.address, function: fde.addresses.lowerBound, addressSize: cie.addressSize)
      let start = PointerEncoding(rawValue: try cursor.byte("the encoding of the landing pads' start"))
      guard start.isValid, !start.isIndirect else {
        throw section.error(
          .unsupported, at: 0, "landing pads' start has encoding 0x\(String(start.rawValue, radix: 16))")
      }
      landingPadBase =
        start == .omit ? fde.addresses.lowerBound : try cursor.pointer(start, bases, "the landing pads' start").value
      let types = PointerEncoding(rawValue: try cursor.byte("the encoding of types"))
      guard types.isValid else {
        throw section.error(
          .unsupported, at: cursor.offset - 1, "types have encoding 0x\(String(types.rawValue, radix: 16))")
      }
      if types != .omit { _ = try cursor.uleb("the distance to the types") }
      encoding = PointerEncoding(rawValue: try cursor.byte("the encoding of call sites"))
      guard encoding != .omit, encoding.isValid, encoding.application == .absolute, !encoding.isIndirect else {
        throw section.error(
          .unsupported, at: cursor.offset - 1, "call sites have encoding 0x\(String(encoding.rawValue, radix: 16))")
      }
      tableSize = try cursor.uleb("the size of the call-site table")
      size = cursor.offset
    }
  }
}
