/// Why a process or a core could not be inspected at all: one line that says what, where, why and what to do.
///
/// What only makes a snapshot incomplete is a `Problem` instead.
public struct InspectionError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What a caller does about it; the command's exit code follows from it.
  public enum Category: Sendable, Hashable {
    /// There is no such process or file (exit code 2).
    case notFound
    /// It is there, but not a process or core that can be read (exit code 2).
    case invalidTarget
    /// It is there, and the caller may not read it (exit code 3).
    case notPermitted
    /// What was asked for cannot be written (exit code 1).
    case notWritten
  }

  /// The kind of fault. More may be added.
  public struct Code: RawRepresentable, Sendable, Hashable {
    /// A word for it.
    public let rawValue: String
    /// The code with this word.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// No process has this id, or no file this path.
    public static let notFound = Code(rawValue: "notFound")
    /// The process ended while it was read.
    public static let exited = Code(rawValue: "exited")
    /// The process that asks.
    public static let ownProcess = Code(rawValue: "ownProcess")
    /// It has ended and waits for its parent.
    public static let zombie = Code(rawValue: "zombie")
    /// A thread of the kernel.
    public static let kernelThread = Code(rawValue: "kernelThread")
    /// 32-bit, or of another architecture.
    public static let otherArchitecture = Code(rawValue: "otherArchitecture")
    /// A debugger has it.
    public static let alreadyTraced = Code(rawValue: "alreadyTraced")
    /// The kernel or a file's mode forbids it.
    public static let notPermitted = Code(rawValue: "notPermitted")
    /// A directory, FIFO or device where a core is wanted.
    public static let notAFile = Code(rawValue: "notAFile")
    /// A file without a byte.
    public static let empty = Code(rawValue: "empty")
    /// A file that is no core.
    public static let notACore = Code(rawValue: "notACore")
    /// A file that is no ELF file, or none with code to list.
    public static let notAProgram = Code(rawValue: "notAProgram")
    /// An ELF file too short or too broken to find its sections.
    public static let malformedProgram = Code(rawValue: "malformedProgram")
    /// A function or an address that a file does not have, or several of that name.
    public static let noFunction = Code(rawValue: "noFunction")
    /// A core too short or too broken to find its segments.
    public static let malformedCore = Code(rawValue: "malformedCore")
    /// A file that cannot be written: a full disk, a directory of that name.
    public static let notWritten = Code(rawValue: "notWritten")
    /// A system call failed in a way that none of the above explains.
    public static let system = Code(rawValue: "system")
  }

  /// The kind of fault.
  public let code: Code
  /// "process 12" or the path of a core.
  public let place: String
  /// Cause and remedy; no full stop.
  public let text: String

  /// An error.
  public init(_ code: Code, place: String, _ text: String) {
    self.code = code
    self.place = place
    self.text = text
  }

  /// What to do about it.
  public var category: Category {
    switch code {
    case .notFound, .exited: .notFound
    case .notPermitted, .alreadyTraced: .notPermitted
    case .notWritten: .notWritten
    default: .invalidTarget
    }
  }

  /// One line.
  public var description: String { "\(place): \(text)" }
}
