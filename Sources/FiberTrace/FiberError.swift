/// What went wrong in this module: a code that programs may compare, and one line for people.
public struct FiberError: Error, Sendable, CustomStringConvertible {
  /// One word of memory, so that a function that throws it returns it in a register.
  private let storage: Storage

  private final class Storage: Sendable {
    let code: Code
    let fiberID: UInt64?
    let fiberName: String?
    let detail: String

    init(code: Code, fiberID: UInt64?, fiberName: String?, detail: String) {
      self.code = code
      self.fiberID = fiberID
      self.fiberName = fiberName
      self.detail = detail
    }
  }

  init(_ code: Code, fiberID: UInt64? = nil, fiberName: String? = nil, _ detail: String) {
    storage = Storage(code: code, fiberID: fiberID, fiberName: fiberName, detail: detail)
  }

  /// The kind of error.
  public var code: Code { storage.code }

  /// The id of the fiber it concerns, or nil if it concerns none.
  public var fiberID: UInt64? { storage.fiberID }

  /// The name of that fiber, or nil if it has none.
  public var fiberName: String? { storage.fiberName }

  /// One line without a full stop that names the fiber by id and name, says what is wrong and what to do.
  public var description: String {
    guard let id = fiberID else { return storage.detail }
    return "\(fiberTitle(id: id, name: fiberName)) \(storage.detail)"
  }
}

/// How messages and backtraces call a fiber.
func fiberTitle(id: UInt64, name: String?) -> String {
  name.map { "fiber #\(id) \"\($0)\"" } ?? "fiber #\(id)"
}

extension FiberError {
  /// A kind of error. Kinds may be added.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    /// The name of the constant.
    public let description: String

    /// The fiber to be resumed is running: it tried to resume itself.
    public static let running = Code(description: "running")
    /// The fiber to be resumed waits for another that it has resumed itself.
    public static let resumingAnother = Code(description: "resumingAnother")
    /// The fiber to be resumed has finished: its body has returned or thrown.
    public static let finished = Code(description: "finished")
    /// The fiber's thread has ended inside it, by `pthread_exit` or `pthread_cancel`: nothing can go on there.
    public static let abandoned = Code(description: "abandoned")
    /// The fiber belongs to another thread, the one that created it, or to a movable fiber in whose body it was created.
    public static let wrongThread = Code(description: "wrongThread")
    /// A `Suspend` was called by code that does not run on its fiber's own stack.
    public static let notOnItsStack = Code(description: "notOnItsStack")
    /// The fiber is cancelled, or its last handle is gone. Its suspends throw this until the body has ended.
    public static let cancelled = Code(description: "cancelled")
    /// A stack of this size cannot exist.
    public static let invalidStackSize = Code(description: "invalidStackSize")
    /// The system has no memory, or no more mappings, for a stack, a record or a backtrace.
    public static let outOfMemory = Code(description: "outOfMemory")
    /// The system has no lightweight guards for stacks, or not for locked memory.
    public static let guardUnavailable = Code(description: "guardUnavailable")
    /// This thread runs with a shadow stack (CET), on which a switch would fault.
    public static let shadowStack = Code(description: "shadowStack")
    /// libunwind cannot be loaded, so there are no backtraces.
    public static let unwinderUnavailable = Code(description: "unwinderUnavailable")
  }
}
