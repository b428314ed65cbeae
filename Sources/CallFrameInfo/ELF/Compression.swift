/// How a section is compressed: `ch_type` (gABI, chapter 4, "Section Compression").
public struct CompressionFormat: RawRepresentable, Sendable, Hashable {
  /// The number in the file.
  public let rawValue: UInt32
  /// The format with this number.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// ELFCOMPRESS_ZLIB (RFC 1950).
  public static let zlib = CompressionFormat(rawValue: 1)
  /// ELFCOMPRESS_ZSTD (RFC 8878).
  public static let zstd = CompressionFormat(rawValue: 2)
}

extension CompressionFormat: CustomStringConvertible {
  /// Its name, or its number.
  public var description: String {
    switch self {
    case .zlib: "zlib"
    case .zstd: "zstd"
    default: "format \(rawValue)"
    }
  }
}

/// Undoes compression.
public struct Decompressor: Sendable {
  /// What it can undo.
  public let formats: Set<CompressionFormat>
  /// From compressed bytes, their format and the size to come exactly that many bytes, or nil if the bytes are damaged or make
  /// another number.
  ///
  /// The format is one of `formats`, the size no greater than it can reach with that many bytes.
  public let decompress:
    @Sendable (_ compressed: ArraySlice<UInt8>, _ format: CompressionFormat, _ size: Int) -> [UInt8]?

  /// A decompressor of these formats.
  public init(
    _ formats: Set<CompressionFormat>,
    decompress:
      @escaping @Sendable (_ compressed: ArraySlice<UInt8>, _ format: CompressionFormat, _ size: Int) -> [UInt8]?
  ) {
    self.formats = formats
    self.decompress = decompress
  }
}

/// Elf64_Chdr, the first 24 bytes of a compressed section.
struct CompressionHeader {
  static let size = 24

  let format: CompressionFormat
  /// Bytes after decompression.
  let contentSize: UInt64

  /// Nil if `bytes` are too few.
  init?(_ bytes: [UInt8]) {
    guard bytes.count >= Self.size, let format: UInt32 = bytes.littleEndian(0), let size: UInt64 = bytes.littleEndian(8)
    else { return nil }
    self.format = CompressionFormat(rawValue: format)
    contentSize = size
  }

  /// How many bytes one compressed byte can become, nil if the format is unknown.
  ///
  /// Deflate: at best 2 bits for a match of 258 bytes (RFC 1951, 3.2.5). Zstandard: at best a block of 4 bytes for 128 KiB
  /// (RFC 8878, 3.1.1.2).
  var greatestRatio: UInt64? {
    switch format {
    case .zlib: 1032
    case .zstd: 32768
    default: nil
    }
  }
}
