internal import CProcess
internal import FiberInspection
internal import Glibc

/// The end of following before the end of what is followed: nothing of it stays behind in any process.
extension ProgramRun {
  /// Lets all threads of all processes go: without breakpoints, stopped threads, or signals that they have not got.
  func letGo() {
    var processes: [ObjectIdentifier: TracedProcess] = [:]
    for tracee in tracees.values { processes[ObjectIdentifier(tracee.process)] = tracee.process }
    // First the bytes, which need no stopped thread: a thread that waits for its child (vfork) does not stop before that goes on.
    for process in processes.values { process.breakpoints?.removeAll() }
    for id in tracees.keys { _ = ft_ptrace_interrupt(id) }
    while !tracees.isEmpty || !early.isEmpty {
      var status: Int32 = 0
      let id = unsafe ft_poll_traced(&status)
      if id > 0 {
        letGo(id, status)
      } else if id == 0 {
        letGoOthers(processes)
      } else if id != -EINTR {
        break
      }
    }
    for process in processes.values { finish(process) }
  }

  /// Nothing has stopped: those are looked after that never will.
  private func letGoOthers(_ processes: [ObjectIdentifier: TracedProcess]) {
    // A main thread that has ended before the others: it is told of after them, who run on.
    for id in tracees.keys where (try? ProcessStatus(thread: id))?.isDead ?? true { tracees[id] = nil }
    // A child whose parent was killed before it could tell of it.
    for (id, status) in early where tracees.isEmpty {
      early[id] = nil
      for process in Array(processes.values) + fallen { process.breakpoints?.removeAll(in: id) }
      release(id, status)
    }
    usleep(1000)
  }

  private func letGo(_ id: Int32, _ status: Int32) {
    let isStop = status & 0xff == 0x7f
    if !isStop, id == first { report.ending = StepReport.Ending(status: status) }
    guard let tracee = tracees[id] else {
      // A child whose parent tells of it later.
      early[id] = isStop ? status : nil
      return
    }
    guard isStop else {
      tracees[id] = nil
      tracee.process.truth.ended(id)
      return
    }
    var message: UInt64 = 0
    if [Event.clone, Event.fork, Event.vfork].contains(status >> 16),
      unsafe ft_ptrace_event_message(id, &message) == 0, let child = Int32(exactly: message)
    {
      letGoChild(child, of: tracee)
    }
    // The trap of its last step, or of a breakpoint, is still to come: it would get it for its own.
    if status >> 16 == Event.stop, hasPendingTrap(id), ft_ptrace_continue(id, 0) == 0 { return }
    tracees[id] = nil
    release(id, status, of: tracee)
  }

  private func hasPendingTrap(_ id: Int32) -> Bool {
    guard let status = try? ProcessStatus(thread: id) else { return false }
    return (status.pendingSignals & ~status.blockedSignals) >> UInt64(SIGTRAP - 1) & 1 == 1
  }

  /// A child was born just now: it holds copies of all breakpoints that were there when fork was called.
  private func letGoChild(_ child: Int32, of parent: Tracee) {
    parent.process.breakpoints?.removeAll(in: child)
    if let status = early.removeValue(forKey: child) {
      release(child, status)
    } else if tracees[child] == nil {
      tracees[child] = Tracee(id: child, process: parent.process, .start)
    }
  }

  /// - Parameters:
  ///   - status: as waitpid tells: the signal of a stop by a signal is the thread's own, which it gets.
  ///   - tracee: nil for a thread that was not followed yet.
  private func release(_ id: Int32, _ status: Int32, of tracee: Tracee? = nil) {
    var signal = status >> 16 == 0 ? status >> 8 & 0xff : 0
    if signal == SIGTRAP, let tracee { signal = ownTrap(tracee) }
    // One that was killed meanwhile is no longer there.
    _ = ft_ptrace_detach(id, signal)
  }

  /// SIGTRAP if it is one of the program's own; 0 for a step's, and for a breakpoint's, below which the instruction is still to be
  /// executed.
  private func ownTrap(_ tracee: Tracee) -> Int32 {
    guard read(tracee.id), let code = trapCode(tracee.id), Self.isOwn(trap: code) else { return 0 }
    let place = state.pc &- 1
    guard code == Self.ofBreakpoint, tracee.process.breakpoints?.restore(place) ?? false else { return SIGTRAP }
    setPC(tracee, place)
    return 0
  }
}
