internal import CProcess
internal import FiberInspection
internal import Glibc

extension ProgramRun {
  /// Of sys/ptrace.h.
  enum Event {
    static let fork: Int32 = 1
    static let vfork: Int32 = 2
    static let clone: Int32 = 3
    static let exec: Int32 = 4
    static let stop: Int32 = 128
  }

  /// A thread of which nothing was known: the program that was started, or a child whose parent's event comes later.
  func handleUnknown(_ id: Int32, _ status: Int32) {
    if id == first, status >> 16 != Event.exec { return failedToBegin(status) }
    guard id == first else {
      early[id] = status & 0xff == 0x7f ? status : nil
      return adoptOrphans()
    }
    let process = addProcess(id, thread: id, other: nil)
    let tracee = Tracee(id: id, process: process, .start)
    begin(tracee)
    resume(tracee)
  }

  /// The program that was started has met a signal, or its end, before its first instruction: the kernel has begun to replace the
  /// process's memory, and could not go on.
  private func failedToBegin(_ status: Int32) {
    if status & 0xff == 0x7f {
      _ = ft_ptrace_continue(first, status >> 16 == 0 ? status >> 8 & 0xff : 0)
      return
    }
    report.ending = StepReport.Ending(status: status)
    report.problems.append(Problem("\(place): it ended before its first instruction: is the file damaged?"))
  }

  /// An address space that nothing is known of.
  func addProcess(_ id: Int32, thread: Int32, other: ProcessTruth?) -> TracedProcess {
    let process = TracedProcess(id: id, thread: thread, options: options, focus: focus, other: other)
    if let agreement { process.compareUnwinders(agreement) }
    return process
  }

  /// Starts to follow a thread that stands still. It is still to be resumed.
  private func begin(_ tracee: Tracee) {
    let (id, process) = (tracee.id, tracee.process)
    tracees[id] = tracee
    report.threads += 1
    guard read(id) else { return }
    // A child that begins on a stack of its own (clone) is in no function of its parent's.
    let how = tracee.beginning ?? (tracee.state.sp == state.sp ? nil : .start)
    tracee.state = state
    process.memory.thread = id
    tracee.isStepping = !isSampled
    if process.isForeign {
      tracee.isStepping = false
      return
    }
    if let how {
      process.see(tracee.state.pc, thread: id)
      process.truth.begin(id, tracee.state, how)
    }
    // What runs somewhere is met at the next function that begins.
    if isSampled, how == .middle { tracee.isStepping = false }
    if process.breakpoints == nil { prepare(process, thread: id) }
  }

  /// A thread has stopped for something else than a step.
  func stopped(_ tracee: Tracee, signal: Int32, event: Int32) {
    switch event {
    case 0:
      // It gets its signal when it goes on.
      tracee.signal = signal
      resume(tracee)
    case Event.clone, Event.fork, Event.vfork: created(tracee, event)
    case Event.exec: executed(tracee)
    case Event.stop where Self.isStop(signal): _ = ft_ptrace_listen(tracee.id)
    default: resume(tracee)
    }
  }

  /// A group-stop, as far as an event tells of it.
  private static func isStop(_ signal: Int32) -> Bool { [SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU].contains(signal) }

  private func created(_ parent: Tracee, _ event: Int32) {
    var message: UInt64 = 0
    if unsafe ft_ptrace_event_message(parent.id, &message) == 0, let child = Int32(exactly: message),
      tracees[child] == nil
    {
      let process = parent.process
      if event == Event.clone, isThread(child, of: process.id) {
        tracees[child] = Tracee(id: child, process: process, .start)
      } else {
        let shares = ft_shares_memory(parent.id, child, event == Event.vfork)
        let copy = TracedProcess(id: child, forkedFrom: process, by: parent.id, sharesMemory: shares)
        if let agreement { copy.compareUnwinders(agreement) }
        let tracee = Tracee(id: child, process: copy, nil)
        // It does not return where its parent will if both have one stack.
        if !shares { tracee.copyReturns(of: parent) }
        tracee.state = parent.state
        tracees[child] = tracee
        report.processes += 1
      }
      // It may have stopped already, or stops soon.
      if let status = early.removeValue(forKey: child) { arrived(child, status) } else { pending.insert(child) }
    }
    resume(parent)
  }

  func isThread(_ id: Int32, of process: Int32) -> Bool {
    unsafe access("/proc/\(process)/task/\(id)", F_OK) == 0
  }

  /// A thread stands still for the first time.
  func arrived(_ id: Int32, _ status: Int32) {
    pending.remove(id)
    guard let tracee = tracees[id] else { return }
    let (signal, event) = (status >> 8 & 0xff, status >> 16)
    // What was executed till then is gone.
    if event == Event.exec { return executed(tracee) }
    begin(tracee)
    // A signal or an event may come before the stop that was asked for.
    stopped(tracee, signal: signal, event: event)
  }

  /// Another program runs in the process now; its other threads are gone.
  private func executed(_ tracee: Tracee) {
    let old = tracee.process
    tracee.forgetReturns(in: old)
    finish(old)
    for other in tracees.values where other.process === old { forget(other) }
    let process = addProcess(tracee.id, thread: tracee.id, other: old.truth)
    let new = Tracee(id: tracee.id, process: process, .start)
    begin(new)
    adoptOrphans(of: old)
    resume(new)
  }

  func ended(_ tracee: Tracee, _ status: Int32) {
    let process = tracee.process
    forget(tracee)
    process.truth.ended(tracee.id)
    tracee.forgetReturns(in: process)
    if tracee.id == first { report.ending = StepReport.Ending(status: status) }
    if tracees.values.contains(where: { $0.process === process }) { return }
    finish(process)
    adoptOrphans(of: process)
  }

  func finish(_ process: TracedProcess) {
    process.truth.add(to: &report)
    report.problems += process.problems.filter { !report.problems.contains($0) }
  }
}
