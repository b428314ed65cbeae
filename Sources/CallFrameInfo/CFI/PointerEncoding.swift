/// How a pointer in `.eh_frame` or `.eh_frame_hdr` is written (LSB Core, "DWARF Exception Header Encoding").
public struct PointerEncoding: RawRepresentable, Sendable, Hashable {
  /// The byte in the file.
  public let rawValue: UInt8
  /// The encoding with this byte.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// DW_EH_PE_absptr: an address of the target's size.
  public static let absolute = PointerEncoding(rawValue: 0)
  /// DW_EH_PE_omit: there is no value.
  public static let omit = PointerEncoding(rawValue: 0xff)

  /// The low four bits: how the number is stored.
  public enum Format: UInt8, Sendable, Hashable {
    /// DW_EH_PE_absptr: an unsigned number of the target's address size.
    case absolutePointer = 0
    /// DW_EH_PE_uleb128.
    case uleb128 = 1
    /// DW_EH_PE_udata2.
    case udata2 = 2
    /// DW_EH_PE_udata4.
    case udata4 = 3
    /// DW_EH_PE_udata8.
    case udata8 = 4
    /// DW_EH_PE_signed: a signed number of the target's address size.
    case signedPointer = 8
    /// DW_EH_PE_sleb128.
    case sleb128 = 9
    /// DW_EH_PE_sdata2.
    case sdata2 = 10
    /// DW_EH_PE_sdata4.
    case sdata4 = 11
    /// DW_EH_PE_sdata8.
    case sdata8 = 12
  }

  /// Bits 4 to 6: what the number is relative to.
  public enum Application: UInt8, Sendable, Hashable {
    /// It is the value.
    case absolute = 0
    /// DW_EH_PE_pcrel: the address of the number itself.
    case pcRelative = 0x10
    /// DW_EH_PE_textrel: the start of the text.
    case textRelative = 0x20
    /// DW_EH_PE_datarel: the start of the data; in `.eh_frame_hdr`, of that section.
    case dataRelative = 0x30
    /// DW_EH_PE_funcrel: the start of the function.
    case functionRelative = 0x40
    /// DW_EH_PE_aligned: an absolute address, after padding to the target's address size.
    case aligned = 0x50
  }

  /// How the number is stored, nil for a number that stands for nothing.
  public var format: Format? { Format(rawValue: rawValue & 0x0f) }
  /// What it is relative to, nil for a number that stands for nothing.
  public var application: Application? { Application(rawValue: rawValue & 0x70) }
  /// DW_EH_PE_indirect: the value lies in memory at the address so computed.
  public var isIndirect: Bool { rawValue & 0x80 != 0 && self != .omit }
  /// Whether its format and application are defined ones.
  public var isValid: Bool { self == .omit || (format != nil && application != nil) }
}

/// A pointer as far as a file tells it.
public struct EncodedPointer: Sendable, Hashable {
  /// The address; where `isIndirect`, of the memory that holds it.
  public let value: UInt64
  /// How it was written.
  public let encoding: PointerEncoding
  /// Whether `value` is the address of the pointer rather than the pointer.
  public var isIndirect: Bool { encoding.isIndirect }
}

/// What encoded pointers are relative to.
struct PointerBases: Sendable {
  /// Address of the section's first byte.
  var section: UInt64
  var text: UInt64?
  var data: UInt64?
  var function: UInt64?
  /// 1, 2, 4 or 8 bytes.
  var addressSize: UInt8
}

extension SectionCursor {
  /// A pointer that may be absent: nil where the encoding is `omit` or the stored number is 0, which stands for
  /// "none" whatever it is relative to.
  mutating func optionalPointer(
    _ encoding: PointerEncoding, _ bases: PointerBases, _ field: StaticString
  ) throws(CallFrameError) -> EncodedPointer? {
    if encoding == .omit { return nil }
    let (value, number) = try pointer(encoding, bases, field)
    return number == 0 ? nil : EncodedPointer(value: value, encoding: encoding)
  }

  /// A pointer, with the number as stored.
  mutating func pointer(
    _ encoding: PointerEncoding, _ bases: PointerBases, _ field: StaticString
  ) throws(CallFrameError) -> (value: UInt64, number: UInt64) {
    guard let application = encoding.application else { throw invalid(encoding, field) }
    if application == .aligned {
      // The address is padded to a multiple, not the offset.
      try skip((0 &- (bases.section &+ UInt64(offset))) & (UInt64(bases.addressSize) - 1), field)
    }
    let place = offset
    let number = try number(encoding, addressSize: bases.addressSize, field)
    let base: UInt64
    switch application {
    case .absolute, .aligned: base = 0
    case .pcRelative: base = bases.section &+ UInt64(place)
    case .textRelative: base = try known(bases.text, "the start of the text", field, at: place)
    case .dataRelative: base = try known(bases.data, "the start of the data", field, at: place)
    case .functionRelative: base = try known(bases.function, "the start of a function", field, at: place)
    }
    let mask: UInt64 = bases.addressSize >= 8 ? .max : (1 << (8 * UInt64(bases.addressSize))) - 1
    return ((base &+ number) & mask, number)
  }

  /// The number alone, sign-extended to 64 bits where its format is signed.
  mutating func number(
    _ encoding: PointerEncoding, addressSize: UInt8, _ field: StaticString
  ) throws(CallFrameError) -> UInt64 {
    switch encoding.format {
    case .absolutePointer: return try unsigned(size: addressSize, field)
    case .uleb128: return try uleb(field)
    case .udata2: return UInt64(try integer(UInt16.self, field))
    case .udata4: return UInt64(try integer(UInt32.self, field))
    case .udata8: return try integer(UInt64.self, field)
    case .signedPointer:
      let shift = 64 - 8 * UInt64(addressSize)
      return UInt64(bitPattern: Int64(bitPattern: try unsigned(size: addressSize, field) << shift) >> Int64(shift))
    case .sleb128: return UInt64(bitPattern: try sleb(field))
    case .sdata2: return UInt64(bitPattern: Int64(try integer(Int16.self, field)))
    case .sdata4: return UInt64(bitPattern: Int64(try integer(Int32.self, field)))
    case .sdata8: return try integer(UInt64.self, field)
    case nil: throw invalid(encoding, field)
    }
  }

  private func known(
    _ base: UInt64?, _ name: StaticString, _ field: StaticString, at place: Int
  ) throws(CallFrameError) -> UInt64 {
    guard let base else {
      throw section.error(.noBase, at: place, "\(field) is relative to \(name), which is not known here")
    }
    return base
  }

  private func invalid(_ encoding: PointerEncoding, _ field: StaticString) -> CallFrameError {
    section.error(
      .unsupported, at: offset, "\(field) has pointer encoding 0x\(String(encoding.rawValue, radix: 16)), which is none"
    )
  }
}
