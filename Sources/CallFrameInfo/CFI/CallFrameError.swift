/// Why call frame information cannot be used: what is wrong, in which file and section, at which offset.
public struct CallFrameError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of fault. More may be added.
  public struct Code: RawRepresentable, Sendable, Hashable {
    /// A word for it.
    public let rawValue: String
    /// The code with this word.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The section or the record ends inside a field.
    public static let truncated = Code(rawValue: "truncated")
    /// A field holds what it never may.
    public static let malformed = Code(rawValue: "malformed")
    /// The length of a record is not to be trusted: nothing after it can be found.
    public static let length = Code(rawValue: "length")
    /// A CIE is of a version that is none.
    public static let version = Code(rawValue: "version")
    /// A CIE's augmentation cannot be read.
    public static let augmentation = Code(rawValue: "augmentation")
    /// A CIE names a pointer encoding that is none.
    public static let encoding = Code(rawValue: "encoding")
    /// A CIE's addresses or segment selectors have a size that no machine has.
    public static let addressSize = Code(rawValue: "addressSize")
    /// A version of a search table, an encoding or an instruction that cannot be read, because its size is not known.
    public static let unsupported = Code(rawValue: "unsupported")
    /// An FDE names no readable CIE.
    public static let badCIE = Code(rawValue: "badCIE")
    /// A pointer is relative to a base that is not known, or must be fetched from memory.
    public static let noBase = Code(rawValue: "noBase")
    /// The instructions lead outside the FDE's addresses, or backwards.
    public static let location = Code(rawValue: "location")
    /// An instruction is not allowed where it stands (DWARF 5, §6.4.2).
    public static let misplaced = Code(rawValue: "misplaced")
    /// `DW_CFA_restore_state` without a remembered state.
    public static let unbalanced = Code(rawValue: "unbalanced")
    /// More than the bounds of this reader allow.
    public static let limit = Code(rawValue: "limit")
    /// A CFA or register expression that cannot be evaluated.
    public static let expression = Code(rawValue: "expression")
    /// An expression names a register where it has to compute a value.
    public static let registerLocation = Code(rawValue: "registerLocation")
  }

  /// The kind of fault.
  public let code: Code
  /// Name of the file.
  public let source: String
  /// Name of the section.
  public let section: String
  /// Offset in the section of the field or instruction at fault, in bytes.
  public let offset: Int
  /// What is there and what was expected; no full stop.
  public let text: String

  /// An error.
  public init(_ code: Code, source: String, section: String, offset: Int, _ text: String) {
    self.code = code
    self.source = source
    self.section = section
    self.offset = offset
    self.text = text
  }

  /// One line: file, section, offset, fault.
  public var description: String { "\(source): \(section)+0x\(String(offset, radix: 16)): \(text)" }
}
