/// The bytes of one `.eh_frame` or `.debug_frame`, with what its pointers are relative to.
public struct CallFrameSection: Sendable {
  /// Which of the two formats. They differ in how a CIE is told from an FDE, in pointers and in augmentations.
  public enum Kind: Sendable, Hashable {
    /// LSB Core, "DWARF Extensions": the one that programs load.
    case ehFrame
    /// DWARF 5, §6.4.1.
    case debugFrame
  }

  /// What it holds, behind one reference: readers copy sections for every record and row.
  private final class Contents: Sendable {
    let kind: Kind
    let name: String
    let source: String
    let bytes: [UInt8]
    let address: UInt64
    let textBase: UInt64?
    let dataBase: UInt64?

    init(
      _ kind: Kind, name: String, source: String, bytes: [UInt8], address: UInt64, textBase: UInt64?,
      dataBase: UInt64?
    ) {
      self.kind = kind
      self.name = name
      self.source = source
      self.bytes = bytes
      self.address = address
      self.textBase = textBase
      self.dataBase = dataBase
    }
  }

  private let contents: Contents

  /// The format.
  public var kind: Kind { contents.kind }
  /// Name of the section, for messages.
  public var name: String { contents.name }
  /// Name of the file, for messages.
  public var source: String { contents.source }
  /// The contents, relocated and decompressed.
  public var bytes: [UInt8] { contents.bytes }
  /// Virtual address of the first byte; offsets plus this are what pcrel pointers are relative to.
  public var address: UInt64 { contents.address }
  /// What textrel pointers are relative to, nil where there is no such thing.
  public var textBase: UInt64? { contents.textBase }
  /// What datarel pointers are relative to, nil where there is no such thing.
  public var dataBase: UInt64? { contents.dataBase }

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
    contents = Contents(
      kind, name: name ?? (kind == .ehFrame ? ".eh_frame" : ".debug_frame"), source: source, bytes: bytes,
      address: address, textBase: textBase, dataBase: dataBase)
  }

  /// An error at an offset of this section.
  func error(_ code: CallFrameError.Code, at offset: Int, _ text: String) -> CallFrameError {
    CallFrameError(code, source: source, section: name, offset: offset, text)
  }
}
