internal import CProcess
internal import Glibc

/// Threads of a process held still by ptrace. Use it on one operating-system thread, which ends soon after: then the
/// kernel lets go of whatever is still held, as it does when this program is killed.
///
/// Stopping a thread ends some of its waiting system calls early with EINTR, as any debugger does (signal(7),
/// "Interruption of system calls and library functions by stop signals").
struct StoppedProcess {
  /// Process id.
  let process: Int32
  /// Threads that stand still, and the signal that each has yet to get, or 0.
  private(set) var stopped: [Int32: Int32] = [:]
  /// Threads that did not stop in time.
  private(set) var stuck: [Int32] = []
  private(set) var problems: [Problem] = []
  /// Who held a thread when `stop` was refused it; 0 for nobody.
  private(set) var tracer: Int32 = 0
  private var known: Set<Int32> = []
  private let clock = ContinuousClock()
  private var start: ContinuousClock.Instant?

  /// How long to wait for a thread in uninterruptible sleep, which may last for hours.
  static let patienceForSleepers = Duration.milliseconds(200)
  /// How long to wait for one that would stop if it got a processor.
  static let patience = Duration.seconds(5)
  /// A process that starts threads faster than they are found is given up on after so many rounds.
  static let roundLimit = 1000

  /// A thread that is refused and has no tracer is tried so often.
  static let takeLimit = 50

  init(process: Int32) { self.process = process }

  /// Stops every thread, those that start meanwhile too.
  ///
  /// - Throws: the number of the error that the kernel refuses with. Threads already stopped stay so: call `resume`.
  mutating func stop() throws(SystemError) {
    start = clock.now
    for _ in 0..<Self.roundLimit {
      let new = try ProcFile.numbers(in: "/proc/\(process)/task").filter { known.insert($0).inserted }
      // Threads start threads: none was started since the last look, and all that were there stand still.
      if new.isEmpty { return }
      var pending: [Int32] = []
      for thread in new {
        if try seize(thread) { pending.append(thread) }
      }
      wait(for: pending)
    }
    problems.append(Problem("process \(process) starts threads faster than they can be stopped: some are not shown"))
  }

  /// False if the thread has ended.
  private mutating func seize(_ thread: Int32) throws(SystemError) -> Bool {
    var error = Self.take(thread, tracer: &tracer, by: ft_ptrace_seize)
    if error == 0 { error = ft_ptrace_interrupt(thread) }
    switch error {
    case 0: return true
    case ESRCH: return false
    default:
      // A main thread that has ended before the others cannot be traced (EPERM).
      if let status = try? ProcessStatus(thread: thread), !status.isDead { throw SystemError(number: error) }
      return false
    }
  }

  /// Seizes a thread, also one that another reader held a moment ago: the kernel refuses that as it refuses what is forbidden, and
  /// only the tracer that shows in between tells them apart.
  ///
  /// - Parameters:
  ///   - tracer: who held it when that was refused.
  ///   - seize: answers 0 or an errno value.
  static func take(_ thread: Int32, tracer: inout Int32, by seize: (Int32) -> Int32) -> Int32 {
    for _ in 0..<takeLimit {
      let error = seize(thread)
      guard error == EPERM, let status = try? ProcessStatus(thread: thread) else { return error }
      tracer = status.tracer
      if tracer != 0 || status.isDead { return error }
    }
    return EPERM
  }

  private mutating func wait(for threads: [Int32]) {
    let start = clock.now
    var pending = threads
    var pause: UInt32 = 10
    while true {
      pending = pending.filter { thread in
        var status: Int32 = 0
        switch unsafe ft_thread_poll(thread, &status) {
        case FT_THREAD_STOPPED:
          // An event (PTRACE_EVENT_STOP: ours, or a group-stop) is no signal. Anything else is a signal that arrived
          // just before and that the thread has not seen yet: it gets it when it is let go.
          stopped[thread] = status >> 8 == 0 ? status & 0x7f : 0
          return false
        case FT_THREAD_GONE: return false
        default: return true
        }
      }
      if pending.isEmpty { return }
      let elapsed = clock.now - start
      if elapsed > Self.patienceForSleepers {
        let states = pending.map { (try? ProcessStatus(thread: $0))?.state }
        if elapsed > Self.patience || states.allSatisfy({ $0 == "D" }) {
          for (thread, state) in zip(pending, states) { giveUp(thread, state: state) }
          return
        }
      }
      usleep(pause)
      pause = min(pause * 2, 1000)
    }
  }

  private mutating func giveUp(_ thread: Int32, state: Character?) {
    stuck.append(thread)
    let why =
      state == "D"
      ? "it is in uninterruptible sleep (state D): see /proc/\(process)/task/\(thread)/stack as root"
      : "it did not stop within \(Self.patience.components.seconds) s (state \(state ?? "?")): try again"
    problems.append(Problem("thread \(thread) has no trace: \(why)"))
  }

  /// Lets every thread go. Answers how long the process stood still.
  ///
  /// Threads that have been killed meanwhile are no longer there to let go.
  mutating func resume() -> Duration {
    for (thread, signal) in stopped { _ = ft_ptrace_detach(thread, signal) }
    stopped = [:]
    return start.map { clock.now - $0 } ?? .zero
  }

  /// The registers of a stopped thread.
  ///
  /// - Throws: ESRCH if it was killed.
  func registers(of thread: Int32) throws(SystemError) -> RegisterSet {
    var words = [UInt64](repeating: 0, count: UserRegisters.size / 8)
    var size = UserRegisters.size
    let error = unsafe words.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return EINVAL }
      return unsafe ft_ptrace_registers(thread, start, &size)
    }
    if error != 0 { throw SystemError(number: error) }
    guard size == UserRegisters.size, let registers = UserRegisters(words) else { return .other }
    return .native(registers)
  }

  /// A set of registers of a stopped thread, by the type of the note that cores have for it; nil if the processor has
  /// none.
  ///
  /// - Throws: ESRCH if it was killed.
  func registerSet(_ type: UInt32, of thread: Int32) throws(SystemError) -> [UInt8]? {
    // With AMX tiles the largest has 11 KiB.
    var size = 1 << 16
    var error: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
      guard let start = buffer.baseAddress else { return }
      error = unsafe ft_ptrace_register_set(thread, type, start, &size)
      initialized = error == 0 ? size : 0
    }
    if error == ESRCH { throw SystemError(number: error) }
    return error == 0 ? bytes : nil
  }

  /// The siginfo_t of the signal that a thread has yet to get; nil if there is none.
  func signalInformation(of thread: Int32) -> [UInt8]? {
    guard stopped[thread, default: 0] != 0 else { return nil }
    var error: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 128) { buffer, initialized in
      guard let start = buffer.baseAddress else { return }
      error = unsafe ft_ptrace_signal(thread, start)
      initialized = error == 0 ? 128 : 0
    }
    return error == 0 ? bytes : nil
  }

  /// None of the threads that were stopped has been killed since: a signal that kills one kills all.
  var isStopped: Bool { stopped.keys.allSatisfy { (try? registers(of: $0)) != nil } }

  enum RegisterSet {
    case native(UserRegisters)
    /// Of a 32-bit thread.
    case other
  }
}
