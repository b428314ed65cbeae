/// The bytes of one `.eh_frame` or `.debug_frame`, with what its pointers are relative to.
public struct CallFrameSection: Sendable {
  /// Which of the two formats. They differ in how a CIE is told from an FDE, in pointers and in augmentations.
  public enum Kind: Sendable, Hashable {
    /// LSB Core, "DWARF Extensions": the one that programs load.
    case ehFrame
    /// DWARF 5, §6.4.1.
    case debugFrame
  }

  /// The format.
  public let kind: Kind
  /// Name of the section, for messages.
  public let name: String
  /// Name of the file, for messages.
  public let source: String
  /// The contents, relocated and decompressed.
  public let bytes: [UInt8]
  /// Virtual address of the first byte; offsets plus this are what pcrel pointers are relative to.
  public let address: UInt64
  /// What textrel pointers are relative to, nil where there is no such thing.
  public let textBase: UInt64?
  /// What datarel pointers are relative to, nil where there is no such thing.
  public let dataBase: UInt64?

  /// A section.
  ///
  /// - Parameters:
  ///   - kind: the format of `bytes`.
  ///   - name: the section's name; by default the usual one of its kind.
  ///   - source: name of the file.
  ///   - bytes: all of the section.
  ///   - address: virtual address of the first byte.
  ///   - textBase: what textrel pointers are relative to.
  ///   - dataBase: what datarel pointers are relative to.
  public init(
    _ kind: Kind, name: String? = nil, source: String, bytes: [UInt8], address: UInt64, textBase: UInt64? = nil,
    dataBase: UInt64? = nil
  ) {
    self.kind = kind
    self.name = name ?? (kind == .ehFrame ? ".eh_frame" : ".debug_frame")
    self.source = source
    self.bytes = bytes
    self.address = address
    self.textBase = textBase
    self.dataBase = dataBase
  }

  /// An error at an offset of this section.
  func error(_ code: CallFrameError.Code, at offset: Int, _ text: String) -> CallFrameError {
    CallFrameError(code, source: source, section: name, offset: offset, text)
  }
}
