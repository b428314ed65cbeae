/// Why bytes are not the ELF that was asked for: what is wrong, in which source, at which offset.
public struct ELFError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of fault. More may be added.
  public struct Code: RawRepresentable, Sendable, Hashable {
    /// A word for it.
    public let rawValue: String
    /// The code with this word.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// There are no bytes at all.
    public static let empty = Code(rawValue: "empty")
    /// The first four bytes are not ELF's.
    public static let notELF = Code(rawValue: "notELF")
    /// The source ends inside a structure.
    public static let truncated = Code(rawValue: "truncated")
    /// 32-bit, or big-endian.
    public static let otherClass = Code(rawValue: "otherClass")
    /// Not x86-64.
    public static let otherMachine = Code(rawValue: "otherMachine")
    /// Another type of file than the one wanted: an executable where a core is wanted, say.
    public static let otherType = Code(rawValue: "otherType")
    /// A field holds what it never may.
    public static let malformed = Code(rawValue: "malformed")
    /// Sound, but of a kind this module does not read: a compression without a decompressor, a relocation of an unknown type.
    public static let unsupported = Code(rawValue: "unsupported")
  }

  /// The kind of fault.
  public let code: Code
  /// Name of the source.
  public let source: String
  /// Name of the section at fault, if it is one's.
  public let section: String?
  /// Offset in the source of the structure or field at fault, in bytes.
  public let offset: UInt64
  /// What is there and what was expected; no full stop.
  public let text: String

  /// An error.
  public init(_ code: Code, source: String, section: String? = nil, offset: UInt64, _ text: String) {
    self.code = code
    self.source = source
    self.section = section
    self.offset = offset
    self.text = text
  }

  /// One line: source, section, fault, offset.
  public var description: String {
    let place = section.map { "\(source): \($0)" } ?? source
    return "\(place): \(text) (at offset 0x\(String(offset, radix: 16)))"
  }
}
