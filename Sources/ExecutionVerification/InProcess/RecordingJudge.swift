internal import CStepping
internal import CallFrameInfo
internal import FiberInspection
internal import Glibc
internal import Instructions

/// Feeds a recording to `ProcessTruth`, and looks at what each activation gives back.
final class RecordingJudge {
  /// The truth follows threads by number; there is one.
  private static let thread: Int32 = 1
  /// DF, in the order of `ft_stepping_control`; the others of mxcsr's bits tell of exceptions.
  private static let controlBits: UInt32 = 0xffc0
  /// Different places beyond so many are not kept: something is wrong with all of them.
  private static let mostLosses = 10_000

  private let recording: Recording
  private let memory: RecordedMemory
  private let truth: ProcessTruth
  private var problems: [String] = []
  private var state: MachineState
  private var previous: MachineState
  /// Before the last step, the state and the activation.
  private var earlier: MachineState?
  private var top: ShadowFrame?
  private var position = 0
  /// Where functions were entered, by the CFA of the activation.
  private var entries: [UInt64: UInt64] = [:]
  private var losses: [Loss: Int] = [:]
  private var missed: Set<UInt64> = []

  init(_ recording: Recording) {
    self.recording = recording
    var maps = ProcessMaps(readable: [])
    do throws(SystemError) {
      maps = try ProcessMaps(thread: getpid())
    } catch {
      problems.append("/proc/self/maps is not readable, so code and rows are not known: \(error.text)")
    }
    memory = RecordedMemory(maps)
    let found = TracedModules(process: getpid(), thread: getpid()).changed(thread: getpid())
    problems += found?.problems.map(\.description) ?? []
    truth = ProcessTruth(memory: memory, modules: found?.modules ?? [], walkInterval: 64)
    previous = recording.before
    state = recording.before
  }

  /// Judges all steps.
  ///
  /// - Complexity: O(steps).
  func report(_ focus: Focus) -> StepCheck.Report {
    while advance() { follow() }
    var steps = StepReport()
    truth.add(to: &steps)
    problems += steps.problems.map(\.description)
    let findings = StepFindings(truth.map, steps, focus)
    let hasReturned = recording.end == FT_STEPPING_RETURNED
    return findings.report(
      losses: losses, missed: missed, instructions: recording.steps - (hasReturned ? 1 : 0), endings: endings,
      problems: problems)
  }

  /// To the next step of the recording; false at its end.
  private func advance() -> Bool {
    while position < recording.count {
      let header = recording[position]
      if header & 0xff == UInt64(FT_STEPPING_PAGE.rawValue) {
        memory.add(recording[position + 1], from: recording, at: position + 2)
        position += 514
        continue
      }
      position += 1
      for number in 0..<17 where header >> UInt64(8 + number) & 1 == 1 {
        state[number] = recording[position]
        position += 1
      }
      for _ in 0..<Int(header >> 32) {
        memory.change(recording[position], to: recording[position + 1])
        position += 2
      }
      return true
    }
    return false
  }

  private var isFirst = true

  private func follow() {
    if isFirst {
      // What a function need not give back is not known at the call, and no row speaks of it.
      for number in 0..<16 where previous[number] == 0 { previous[number] = state[number] }
      truth.begin(Self.thread, previous, .middle)
      isFirst = false
    }
    memory.forgetMisses()
    let stack = truth.thread(Self.thread).stack
    let depth = stack.frames.count
    top = stack.frames.last
    let outcome = truth.stepped(Self.thread, from: previous, to: state)
    if case .called(let slot, _) = outcome { entries[slot &+ 8] = state.pc }
    if let top, top.kind == .call, state.pc == top.returnAddress {
      returned(top, hasPopped: stack.frames.count < depth)
    }
    if memory.hasMissed { missed.insert(state.pc) }
    earlier = previous
    previous = state
  }

  /// An activation may have come to its end: control is where it was called.
  private func returned(_ top: ShadowFrame, hasPopped: Bool) {
    let index = truth.map.index(at: previous.pc)
    guard hasPopped || state.sp < top.cfa && isReturn(index) else { return }
    let entry = entries.removeValue(forKey: top.cfa) ?? previous.pc
    if state.sp != top.cfa {
      lose(Loss(entry: entry, pc: previous.pc, what: .stack(claimed: top.cfa, actual: state.sp)))
    }
    for register in 0..<CalleeSaved.count {
      let number = CalleeSaved.number(register)
      guard state[number] != top.saved[register], !declaresUndefined(index, UInt16(number)) else { continue }
      lose(
        Loss(
          entry: entry, pc: previous.pc,
          what: .register(UInt8(number), claimed: top.saved[register], actual: state[number])))
    }
  }

  private func isReturn(_ index: Int) -> Bool {
    if case .return = truth.map.points[index].instruction.flow { true } else { false }
  }

  private func lose(_ loss: Loss) {
    if losses[loss] != nil || losses.count < Self.mostLosses { losses[loss, default: 0] += 1 }
  }

  /// The row at an instruction says that the caller's value of a register is lost.
  private func declaresUndefined(_ index: Int, _ register: UInt16) -> Bool {
    let step = truth.map.points[index].step
    switch step.kind {
    case .compact:
      if step.kept >> UInt32(register) & 1 == 1 { return false }
      return !(0..<Int(step.changeCount)).contains { step.changes[$0].register == UInt8(register) }
    case .general: return truth.map.points[index].found?.row.registers[register] == .undefined
    case .uncovered, .outermost, .defective: return false
    }
  }

  /// How it ended, as far as that is wrong.
  private var endings: [StepFindings.Ending] {
    switch recording.end {
    case FT_STEPPING_RETURNED: return controlLosses
    case FT_STEPPING_STEP_LIMIT: return [.incomplete("the limit of instructions is met: raise it, or do less")]
    case FT_STEPPING_BYTE_LIMIT: return [.incomplete("the limit of bytes is met: raise it, or do less")]
    case FT_STEPPING_CHILD: return [.incomplete("it has returned in a child process: end that process before")]
    case FT_STEPPING_FAULT: return [.fault(fault)]
    case _ where recording.steps == 0:
      return [.incomplete("no trap came: a debugger takes them, and valgrind makes none")]
    default:
      return [
        .incomplete(
          "something has cleared the trap flag unseen: a handler of a signal that is left by longjmp is not followed")
      ]
    }
  }

  private var controlLosses: [StepFindings.Ending] {
    let before = recording.controlBefore
    let after = recording.controlAfter
    var result: [StepFindings.Ending] = []
    if after.direction != 0 { result.append(.control("the direction flag is clear", "it is set")) }
    if (before.mxcsr ^ after.mxcsr) & Self.controlBits != 0 {
      result.append(
        .control("the control bits of mxcsr are \(hexadecimal(before.mxcsr))", "they are \(hexadecimal(after.mxcsr))"))
    }
    if before.x87 != after.x87 {
      result.append(.control("the x87 control word is \(hexadecimal(before.x87))", "it is \(hexadecimal(after.x87))"))
    }
    return result
  }

  private var fault: Fault {
    let (signal, address, end) = recording.fault
    var fault = Fault(signal: signal, address: address, pc: end.pc)
    var from = previous
    if truth.map.module(at: end.pc) < 0, let earlier {
      fault.target = end.pc
      fault.pc = earlier.pc
      from = earlier
    }
    if isReturn(truth.map.index(at: fault.pc)), let top, top.kind == .call {
      fault.imbalance = Int64(bitPattern: from.sp &- top.slot)
    }
    return fault
  }
}
