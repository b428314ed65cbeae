/// One symbol (gABI, chapter 4, "Symbol Table"). Its name is in the table it was read from: `ELFSymbols.name(of:)`.
public struct ELFSymbol: Sendable, Hashable {
  /// The low half of `st_info`.
  public struct Kind: RawRepresentable, Sendable, Hashable {
    /// The number in the file.
    public let rawValue: UInt8
    /// The kind with this number.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// STT_NOTYPE: labels of assembly.
    public static let none = Kind(rawValue: 0)
    /// STT_OBJECT.
    public static let object = Kind(rawValue: 1)
    /// STT_FUNC.
    public static let function = Kind(rawValue: 2)
    /// STT_SECTION.
    public static let section = Kind(rawValue: 3)
    /// STT_FILE.
    public static let file = Kind(rawValue: 4)
    /// STT_COMMON.
    public static let common = Kind(rawValue: 5)
    /// STT_TLS: its value is an offset in thread-local storage.
    public static let threadLocal = Kind(rawValue: 6)
    /// STT_GNU_IFUNC: a function that answers which function to call.
    public static let indirectFunction = Kind(rawValue: 10)
  }

  /// The high half of `st_info`.
  public struct Binding: RawRepresentable, Sendable, Hashable {
    /// The number in the file.
    public let rawValue: UInt8
    /// The binding with this number.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// STB_LOCAL.
    public static let local = Binding(rawValue: 0)
    /// STB_GLOBAL.
    public static let global = Binding(rawValue: 1)
    /// STB_WEAK.
    public static let weak = Binding(rawValue: 2)
    /// STB_GNU_UNIQUE.
    public static let unique = Binding(rawValue: 10)
  }

  /// What it belongs to, from `st_shndx` or the table of extended indexes.
  public enum Placement: Sendable, Hashable {
    /// SHN_UNDEF: defined elsewhere.
    case undefined
    /// SHN_ABS: its value is no address that moves with a section.
    case absolute
    /// SHN_COMMON: not allocated yet; its value is its alignment.
    case common
    /// Another index that is no section.
    case reserved(UInt16)
    /// Index in `ELFFile.sections`. May be beyond their number.
    case section(Int)
  }

  /// Its place in the table. 0 is not a symbol.
  public let index: Int
  /// `st_name`.
  public let nameOffset: UInt32
  /// What it names.
  public let kind: Kind
  /// Who sees it.
  public let binding: Binding
  /// The low 2 bits of `st_other`: 0 default, 1 internal, 2 hidden, 3 protected.
  public let visibility: UInt8
  /// What it belongs to.
  public let placement: Placement
  /// `st_value`: a virtual address for what is in a section, also in a relocatable file (see `ELFFile.isLaidOut`).
  public let value: UInt64
  /// `st_size` in bytes, 0 if it is not known.
  public let size: UInt64

  /// Index of its section in `ELFFile.sections`, nil if it belongs to none.
  public var sectionIndex: Int? {
    if case .section(let index) = placement { index } else { nil }
  }
  /// It is in a section and names code: a function or an indirect function.
  public var isFunction: Bool { (kind == .function || kind == .indirectFunction) && sectionIndex != nil }
}
