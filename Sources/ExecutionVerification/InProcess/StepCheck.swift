internal import CStepping
internal import Glibc

/// Holds call frame information against what code does, within one test.
///
/// Each instruction that a closure executes is stepped by the processor's trap flag, without a debugger or another process. At each
/// one the row in force has to lead to the caller that is there, with its registers; and each function has to give back the
/// callee-saved registers, unless its row declares them undefined, and the stack.
///
/// ```swift
/// @Test func unwinds() throws {
///   let report = try StepCheck.run(functions: ["my_memcpy"]) { my_memcpy(target, source, 64) }
///   #expect(report.findings.isEmpty)
/// }
/// ```
///
/// Only the calling thread is stepped, and not in handlers of signals. Threads and processes that the closure starts run on at full
/// speed. One check runs at a time: others in the process wait. An instruction takes about twenty microseconds.
public enum StepCheck {
  /// Bounds of what is recorded. Beyond them the closure runs on at full speed, and the report has a finding that says so.
  public struct Limits: Sendable, Hashable {
    /// Instructions.
    public var instructions: Int
    /// Bytes of memory for the recording; an instruction takes about 40, and each page of a stack 4,112. As much again is used
    /// beside it for stacks.
    public var bytes: Int

    /// - Parameters:
    ///   - instructions: at least 1.
    ///   - bytes: at least 1.
    public init(instructions: Int = 1_000_000, bytes: Int = 256 << 20) {
      self.instructions = instructions
      self.bytes = bytes
    }
  }

  /// Steps a closure and holds every row against its execution.
  ///
  /// - Parameters:
  ///   - functions: what is judged: names of functions as people write them or as the symbol table has them, with the wildcards of
  ///     fnmatch(3). Everything that is executed if empty. A name that fits nothing that was executed is a finding.
  ///   - excluding: what is not judged, likewise.
  ///   - limits: how much is recorded.
  ///   - body: is executed once. A fault ends it where nobody but Swift's runtime handles the signal: what it held is lost then. (It
  ///     does not escape, but for the compiler it does: it may end without returning.)
  /// - Returns: what was found. The body's own result is dropped: store it in a variable if the test needs it.
  /// - Throws: what `body` throws, and `StepCheckError` if it could not be stepped.
  /// - Complexity: O(instructions), about twenty microseconds each.
  public static func run(
    functions: [String] = [], excluding: [String] = [], limits: Limits = Limits(), _ body: @escaping () throws -> Void
  ) throws -> Report {
    let call = SteppedCall(body)
    let recording = try Recording(of: call, limits)
    if let error = call.error { throw error }
    let focus = Focus(functions: functions, excluding: excluding)
    return RecordingJudge(recording).report(focus)
  }

  /// Steps a function of C, which no code of Swift calls: it may harm its caller, the recorder, by what it does to registers and rsp.
  ///
  /// - Parameters:
  ///   - function: is called once, with `context`.
  ///   - functions: as those of the other `run`; and so are the others.
  /// - Throws: that it could not be stepped.
  public static func run(
    functions: [String] = [], excluding: [String] = [], limits: Limits = Limits(),
    function: @convention(c) (UnsafeMutableRawPointer?) -> Void,
    context: UnsafeMutableRawPointer? = nil
  ) throws(StepCheckError) -> Report {
    let recording = try unsafe Recording(of: function, context, limits)
    return RecordingJudge(recording).report(Focus(functions: functions, excluding: excluding))
  }
}

/// Why nothing was stepped.
public struct StepCheckError: Error, Hashable, CustomStringConvertible {
  /// An `errno` value: EDEADLK within a check, EINVAL on an alternate signal stack or with a limit below 1, ENOMEM.
  public let code: Int32
  /// One line.
  public let description: String

  package init(code: Int32, _ description: String) {
    self.code = code
    self.description = description
  }

  init(code: Int32) {
    let description =
      switch code {
      case EDEADLK: "what is stepped cannot step another: check one after the other"
      case EINVAL: "it was called on an alternate signal stack: call it outside of handlers"
      case ENOMEM: "there is no memory for the recording: lower its limit of bytes"
      default: unsafe String(cString: strerror(code))
      }
    self.init(code: code, description)
  }
}
