internal import CProcess
package import FiberInspection
internal import Glibc

/// A program that is stepped, with all its threads and the processes that it forks.
///
/// All of it happens on one operating-system thread, since ptrace belongs to threads.
package final class ProgramRun {
  private enum Target {
    case program(path: String, arguments: [String])
    case process(Int32)
  }

  private let target: Target
  let options: RunOptions
  let focus: FunctionFocus
  let isSampled: Bool
  var tracees: [Int32: Tracee] = [:]
  /// Threads that have stopped before the event that tells where they come from, with their status.
  var early: [Int32: Int32] = [:]
  /// Processes that have ended, the last few.
  var fallen: [TracedProcess] = []
  var report = StepReport()
  let agreement: AgreementLedger?
  var first: Int32 = 0
  var words = [UInt64](repeating: 0, count: 27)
  /// New threads that have not stopped yet.
  var pending: Set<Int32> = []
  private var latest: Tracee?
  /// A siginfo_t.
  private var information = [Int32](repeating: 0, count: 32)
  var steps = 0

  /// A program to be started: it keeps this process's descriptors, environment and terminal.
  ///
  /// - Parameters:
  ///   - program: a path, or a name that is looked for in PATH.
  ///   - arguments: without the program's own name.
  package init(program: String, arguments: [String], options: RunOptions) {
    target = .program(path: program, arguments: arguments)
    self.options = options
    focus = FunctionFocus(options)
    agreement = Self.agreement(options)
    isSampled = options.mode != .all
  }

  /// A process that runs.
  package init(attachingTo process: Int32, options: RunOptions) {
    target = .process(process)
    self.options = options
    focus = FunctionFocus(options)
    agreement = Self.agreement(options)
    isSampled = options.mode != .all
  }

  private static func agreement(_ options: RunOptions) -> AgreementLedger? {
    options.unwinders.isEmpty ? nil : AgreementLedger(options.unwinders, schedule: options.agreement)
  }

  /// Steps it until it ends, or until a limit is met.
  ///
  /// - Throws: why it cannot be started or traced.
  package func run() throws(InspectionError) -> StepReport {
    try TracingThread.run({ () throws(InspectionError) -> StepReport in try self.follow() }, place: place)
  }

  /// What messages call what is run.
  var place: String {
    switch target {
    case .program(let path, _): path
    case .process(let id): "process \(id)"
    }
  }

  private func follow() throws(InspectionError) -> StepReport {
    let watch = try RunWatch(options, place: place)
    report.processes = 1
    switch target {
    case .program(let path, let arguments): try start(path, arguments)
    case .process(let id): try attach(id)
    }
    report.process = first
    while true {
      if let stop = watch.stop ?? limit {
        report.stop = stop
        letGo()
        break
      }
      var status: Int32 = 0
      let id = unsafe ft_wait_traced(&status)
      if id == -EINTR { continue }
      // ECHILD: nobody is left.
      guard id > 0 else { break }
      handle(id, status)
    }
    if case .program = target, report.stop != nil, report.ending == .detached { passOn() }
    report.agreement = agreement?.report
    report.missingFunctions = focus.missing
    return report
  }

  /// The limit of steps, if it is reached.
  @inline(__always) private var limit: StepReport.Stop? {
    guard let most = options.mostSteps, steps >= most else { return nil }
    return .steps(most)
  }

  /// A program that was started and let go gets the signal that ended this, unless the terminal has sent it, and is waited for if that
  /// was asked.
  private func passOn() {
    // It is this thread's child and not collected yet: the number is still its own.
    if case .signal(let signal, isFromTerminal: false) = report.stop { kill(first, signal) }
    guard options.waitsForEnd else { return }
    var status: Int32 = 0
    while unsafe waitpid(first, &status, 0) < 0 { if errno != EINTR { return } }
    report.ending = StepReport.Ending(status: status)
  }

  // PTRACE_O_TRACEFORK, VFORK, CLONE, EXEC (sys/ptrace.h).
  static let options: UInt64 = 2 | 4 | 8 | 16
  // PTRACE_O_EXITKILL: a program does not outlive whoever started it, if that is killed.
  private static let endsWithTracer: UInt64 = 1 << 20

  private func start(_ program: String, _ arguments: [String]) throws(InspectionError) {
    let path = try ProgramPath.find(program)
    var copies: [UnsafeMutablePointer<CChar>?] = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
    defer { unsafe copies.forEach { unsafe free($0) } }
    var failure: Int32 = 0
    var inheritance = options.inheritance ?? RunSignals.inheritance
    let child = unsafe ft_start_traced(path, &copies, Self.options | Self.endsWithTracer, &inheritance, &failure)
    if child == 0 { throw ProgramPath.failure(path, error: failure) }
    guard child > 0 else {
      throw InspectionError(.system, place: path, "it cannot be started: \(unsafe String(cString: strerror(-child)))")
    }
    first = child
  }

  @inline(__always) private func tracee(_ id: Int32) -> Tracee? {
    if let latest, latest.id == id { return latest }
    latest = tracees[id]
    return latest
  }

  /// It is not there any more.
  func forget(_ tracee: Tracee) {
    pending.remove(tracee.id)
    if tracees[tracee.id] === tracee { tracees[tracee.id] = nil }
    if latest === tracee { latest = nil }
  }

  private func handle(_ id: Int32, _ status: Int32) {
    guard let tracee = tracee(id) else {
      handleUnknown(id, status)
      return
    }
    // What is no stop is an end (waitpid(2), WIFSTOPPED).
    guard status & 0xff == 0x7f else { return ended(tracee, status) }
    let signal = status >> 8 & 0xff
    let event = status >> 16
    if !pending.isEmpty, pending.contains(id) {
      arrived(id, status)
    } else if event == 0, signal == SIGTRAP {
      trapped(tracee)
    } else {
      stopped(tracee, signal: signal, event: event)
    }
  }

  /// One instruction was executed, or a breakpoint met.
  @inline(__always) private func trapped(_ tracee: Tracee) {
    if !tracee.isStepping {
      if tracee.lifted != nil { return steppedOver(tracee) }
      if trapCode(tracee.id) == Self.ofBreakpoint, hit(tracee) { return }
      return getOwnTrap(tracee)
    }
    if let code = trapCode(tracee.id), Self.isOwn(trap: code) {
      if code == Self.ofBreakpoint, ranIntoBreakpoint(tracee) { return }
      return getOwnTrap(tracee)
    }
    guard read(tracee.id) else { return }
    let from = tracee.state
    let to = state
    tracee.state = to
    tracee.process.memory.thread = tracee.id
    if changesMappings(from, to) { tracee.process.refresh(thread: tracee.id) }
    tracee.process.see(to.pc, thread: tracee.id)
    steps += 1
    var step = ProcessTruth.Step.same
    if tracee.delivered != 0, to[1] == to.sp &+ 8, to[5] == UInt64(tracee.delivered) {
      // The kernel's frame: the third argument points behind the return address (arch/x86/kernel/signal_64.c).
      tracee.process.truth.delivered(tracee.id, from: from, to: to)
    } else {
      step = tracee.process.truth.stepped(tracee.id, from: from, to: to)
    }
    tracee.delivered = 0
    compareUnwinders(tracee)
    if isSampled { sample(tracee, step) } else { resume(tracee) }
  }

  /// Has unwinders walk from where a thread stands, if that is a place to compare them at.
  @inline(__always) func compareUnwinders(_ tracee: Tracee) {
    guard let agreement = tracee.process.agreement, tracee.process.isWanted(tracee.state.pc) else { return }
    agreement.visit(tracee.id, tracee.state, truth: tracee.process.truth)
  }

  /// `si_code` of the SIGTRAP that a thread has stopped by (siginfo.h); nil if it was killed.
  @inline(__always) func trapCode(_ id: Int32) -> Int32? {
    unsafe ft_ptrace_signal(id, &information) == 0 ? information[2] : nil
  }

  /// SI_KERNEL: an int3 was executed.
  static let ofBreakpoint: Int32 = 0x80

  /// A SIGTRAP that the program has sent itself, or an int3: that of a step is positive, TRAP_TRACE or TRAP_HWBKPT.
  @inline(__always) static func isOwn(trap code: Int32) -> Bool { code == ofBreakpoint || code <= 0 }

  /// A SIGTRAP that is the program's goes to it.
  func getOwnTrap(_ tracee: Tracee) {
    tracee.signal = SIGTRAP
    resume(tracee)
  }

  /// mmap, mprotect or munmap was called (asm/unistd_64.h): `syscall` has left its return address in rcx.
  @inline(__always) private func changesMappings(_ from: MachineState, _ to: MachineState) -> Bool {
    to.pc == from.pc &+ 2 && to[2] == to.pc && (9...11).contains(from[0])
  }

  /// Reads a stopped thread's registers; false if it was killed, which the next wait tells of.
  @inline(__always) func read(_ id: Int32) -> Bool { unsafe ft_ptrace_user_registers(id, &words) == 0 }

  /// What was read last.
  var state: MachineState {
    @inline(__always) get {
      MachineState([
        words[10], words[12], words[11], words[5], words[13], words[14], words[4], words[19], words[9], words[8],
        words[7], words[6], words[3], words[2], words[1], words[0], words[16],
      ])
    }
  }

  @inline(__always) func resume(_ tracee: Tracee) {
    let signal = tracee.signal
    tracee.signal = 0
    tracee.delivered = signal
    // One that was killed meanwhile is no longer there: the next wait tells.
    if tracee.isStepping || tracee.lifted != nil {
      _ = ft_ptrace_step(tracee.id, signal)
    } else {
      _ = ft_ptrace_continue(tracee.id, signal)
    }
  }
}
