internal import CProcess
internal import FiberInspection
internal import Glibc

/// Sampling: the first activations of each function are stepped, all else runs at full speed.
///
/// A breakpoint stands at the start of each function until it has been followed often enough. Where one is met, the activation that
/// begins is stepped to its end: what it calls is stepped too if it is wanted itself, else it runs to a breakpoint behind the call.
/// A breakpoint that another thread misses while this one steps over it is missed, no more: activations that rsp shows to be over
/// are forgotten.
extension ProgramRun {
  /// An activation that shows nothing new for so many steps runs to its return: loops are followed a few times, not for ever.
  private static let mostQuietSteps = 2000
  /// A call that is run at full speed takes the time of so many steps.
  private static let stepsOfRun = 4
  /// So many calls at most are waited for on one stack: those that were left by jumps are forgotten then.
  private static let mostReturns = 10_000

  /// Sets breakpoints in modules that have none yet.
  func prepare(_ process: TracedProcess, thread: Int32) {
    guard case .sampled = options.mode else { return }
    do throws(InspectionError) {
      try process.setBreakpoints(thread: thread)
    } catch {
      let problem = Problem(error.description)
      if !report.problems.contains(problem) { report.problems.append(problem) }
    }
  }

  /// A thread that runs has executed an int3.
  ///
  /// - Returns: false if no breakpoint of ours is why.
  func hit(_ tracee: Tracee) -> Bool {
    guard read(tracee.id) else { return true }
    let place = state.pc &- 1
    guard let points = tracee.process.breakpoints else { return false }
    guard points.stands(at: place) else {
      // It was removed since. A child that fork made before may still have it.
      guard points.restore(place) else { return false }
      setPC(tracee, place)
      resume(tracee)
      return true
    }
    setPC(tracee, place)
    tracee.process.memory.thread = tracee.id
    arrive(tracee)
    return true
  }

  /// A thread that is stepped has executed a breakpoint that was set for another one meanwhile.
  func ranIntoBreakpoint(_ tracee: Tracee) -> Bool {
    guard let points = tracee.process.breakpoints, read(tracee.id) else { return false }
    let place = state.pc &- 1
    guard points.stands(at: place) || points.restore(place) else { return false }
    setPC(tracee, place)
    go(tracee)
    return true
  }

  func setPC(_ tracee: Tracee, _ pc: UInt64) {
    words[16] = pc
    // No system call is to be restarted.
    words[15] = .max
    _ = unsafe ft_ptrace_set_registers(tracee.id, words, 27 * 8)
    tracee.state = state
  }

  /// At a breakpoint, the instruction below it not yet executed.
  private func arrive(_ tracee: Tracee) {
    let process = tracee.process
    let place = tracee.state.pc
    if process.breakpoints?.isLinker(place) ?? false {
      process.refresh(thread: tracee.id)
      prepare(process, thread: tracee.id)
    }
    if tracee.takeReturn(place, sp: tracee.state.sp, in: process) {
      tracee.isStepping = process.truth.ranOver(tracee.id, to: tracee.state) != .unknown
      tracee.quiet += Self.stepsOfRun
    } else if process.breakpoints?.isEntry(place) ?? false {
      enter(tracee, place)
    }
    go(tracee)
  }

  /// At the start of a function that is wanted.
  private func enter(_ tracee: Tracee, _ place: UInt64) {
    let process = tracee.process
    if process.truth.begin(tracee.id, tracee.state, .entry) {
      tracee.isStepping = true
      tracee.quiet = 0
      count(place, process)
      compareUnwinders(tracee)
    } else {
      // Another part of a function, or code that is not called.
      process.misses[place, default: 0] += 1
      if process.misses[place, default: 0] >= options.activations { process.breakpoints?.removeEntry(place) }
    }
  }

  private func count(_ place: UInt64, _ process: TracedProcess) {
    process.counts[place, default: 0] += 1
    if process.counts[place, default: 0] >= options.activations { process.breakpoints?.removeEntry(place) }
  }

  /// After a step of a thread, in sampled mode.
  func sample(_ tracee: Tracee, _ step: ProcessTruth.Step) {
    if let lifted = tracee.lifted {
      tracee.process.breakpoints?.lower(lifted)
      tracee.lifted = nil
    }
    if step == .unknown {
      tracee.isStepping = false
      return go(tracee)
    }
    let process = tracee.process
    let (isEntry, visits) = process.truth.visits(at: tracee.state.pc)
    tracee.quiet = visits <= 1 ? 0 : tracee.quiet + 1
    if tracee.quiet > Self.mostQuietSteps {
      tracee.quiet = 0
      report.leftAlone += 1
      return runToReturn(tracee)
    }
    if isEntry, let top = process.truth.top(tracee.id), top.slot == tracee.state.sp {
      let place = tracee.state.pc
      if process.counts[place, default: 0] >= options.activations || !process.isWanted(place) {
        return runToReturn(tracee)
      }
      tracee.quiet = 0
      count(place, process)
    }
    go(tracee)
  }

  /// Lets the innermost activation run to its end.
  private func runToReturn(_ tracee: Tracee) {
    guard let top = tracee.process.truth.top(tracee.id), top.kind == .call else { return go(tracee) }
    tracee.addReturn(top.returnAddress, sp: top.cfa, in: tracee.process)
    if tracee.returns.count > Self.mostReturns { tracee.forgetReturns(in: tracee.process) }
    tracee.isStepping = false
    go(tracee)
  }

  /// Goes on, over a breakpoint if one stands here.
  private func go(_ tracee: Tracee) {
    if let points = tracee.process.breakpoints, points.stands(at: tracee.state.pc) {
      if points.restore(tracee.state.pc) { tracee.lifted = tracee.state.pc }
    }
    resume(tracee)
  }

  /// A thread that only steps over a breakpoint has done so, unless another thread has set it again before.
  func steppedOver(_ tracee: Tracee) {
    if let code = trapCode(tracee.id), Self.isOwn(trap: code) {
      if code == Self.ofBreakpoint, ranIntoBreakpoint(tracee) { return }
      // It comes before the step.
      return getOwnTrap(tracee)
    }
    if let lifted = tracee.lifted { tracee.process.breakpoints?.lower(lifted) }
    tracee.lifted = nil
    guard read(tracee.id) else { return }
    tracee.state = state
    if tracee.process.breakpoints?.stands(at: state.pc) ?? false { return arrive(tracee) }
    resume(tracee)
  }
}
