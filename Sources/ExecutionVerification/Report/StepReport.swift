package import FiberInspection

/// What came of stepping a program.
package struct StepReport: Sendable {
  /// A file whose code was executed.
  package struct Module: Sendable {
    /// Path as the process knows it, "[vdso]", or "" for code that is in no file.
    package var path: String
    package var buildID: [UInt8]?
    /// The file's bytes, or why there are none.
    package var image: ModuleImage?
    /// How often each instruction's row was held against the truth and found right, by the file's addresses.
    package var seen: [UInt64: Int] = [:]
    /// How often instructions were executed without that, by the file's addresses, and why.
    package var unjudged: [UInt64: Unjudged] = [:]
    /// Functions (by the start of their FDE, the file's address) of which at least one activation was followed, and how many were.
    package var activations: [UInt64: Int] = [:]

    package init(path: String, buildID: [UInt8]? = nil, image: ModuleImage? = nil) {
      self.path = path
      self.buildID = buildID
      self.image = image
    }
  }

  /// Why executed instructions were not judged.
  package enum Unjudged: String, Sendable, Hashable, CaseIterable {
    /// No row covers the instruction.
    case noRow = "no-row"
    /// The code is in no file: a JIT's, say.
    case noFile = "jit"
    /// The frame had been entered before stepping began.
    case begunBefore = "entered-before"
    /// The stack is being unwound or left: the frame that the row describes is neither the one before nor the one after.
    case leaving = "leaving"
    /// The row says there is no caller, and none is known.
    case outermost = "outermost-frame"
    /// The module's file cannot be read, or is another build.
    case unreadable = "unreadable-module"
  }

  /// How the target ended, as far as this program saw.
  package enum Ending: Sendable, Hashable {
    case exited(Int32)
    case signalled(Int32)
    /// It runs on, or its end was not seen: it was let go before.
    case detached

    /// As waitpid(2) tells of an end.
    init(status: Int32) { self = status & 0x7f == 0 ? .exited(status >> 8 & 0xff) : .signalled(status & 0x7f) }
  }

  /// Why it was let go before its end.
  package enum Stop: Sendable, Hashable {
    /// A signal came; from the terminal, which sends it to the program, too.
    case signal(Int32, isFromTerminal: Bool)
    /// So many instructions were executed.
    case steps(Int)
    /// So long a time has gone by.
    case time(Duration)
  }

  package var modules: [Module] = []
  package var mismatches: [Mismatch] = []
  /// Sightings of others, beyond what is listed.
  package var lostMismatches = 0
  /// Instructions that were executed one by one.
  package var steps = 0
  /// Walks of whole stacks that were compared.
  package var walks = 0
  /// Activations that showed nothing new any more, and ran to their return.
  package var leftAlone = 0
  /// Threads and processes that were followed.
  package var threads = 0
  package var processes = 0
  /// Of the first process.
  package var ending = Ending.detached
  /// Why following ended before the program did; nil if it did not.
  package var stop: Stop?
  /// The first process.
  package var process: Int32 = 0
  /// Functions that were asked for and that no module has.
  package var missingFunctions: [String] = []
  /// What could not be done or read, one line each.
  package var problems: [Problem] = []
  /// What unwinders said of the same stacks; nil if none were asked.
  package var agreement: AgreementReport?

  package init() {}
}
