/// A thread that is traced.
final class Tracee {
  let id: Int32
  var process: TracedProcess
  /// Before the instruction that comes next.
  var state = MachineState(InlineArray(repeating: 0))
  /// What it gets when it goes on: a signal, or 0.
  var signal: Int32 = 0
  /// It executes one instruction at a time; otherwise it runs.
  var isStepping = true
  /// How it comes to be followed when it stops for the first time; nil for what fork made, whose frames are its parent's, unless it
  /// begins on a stack of its own (clone): `state` is its parent's till then.
  var beginning: ProcessTruth.Beginning?
  /// A signal was delivered by the last resumption.
  var delivered: Int32 = 0

  /// A breakpoint that is lifted for the step that it executes.
  var lifted: UInt64?
  /// Steps since an instruction was executed for the first time.
  var quiet = 0
  /// Calls that run at full speed: where they return to, and rsp then.
  private(set) var returns: [(address: UInt64, sp: UInt64)] = []

  init(id: Int32, process: TracedProcess, _ beginning: ProcessTruth.Beginning?) {
    self.id = id
    self.process = process
    self.beginning = beginning
  }

  func addReturn(_ address: UInt64, sp: UInt64, in process: TracedProcess) {
    process.breakpoints?.addReturn(address)
    returns.append((address, sp))
  }

  /// Whether the innermost call that is waited for has returned to `address`; those further in were left.
  func takeReturn(_ address: UInt64, sp: UInt64, in process: TracedProcess) -> Bool {
    guard let index = returns.lastIndex(where: { $0.address == address && $0.sp == sp }) else { return false }
    for entry in returns[index...] { process.breakpoints?.removeReturn(entry.address) }
    returns.removeSubrange(index...)
    return true
  }

  func forgetReturns(in process: TracedProcess) {
    for entry in returns { process.breakpoints?.removeReturn(entry.address) }
    returns = []
  }

  /// A thread that fork made waits for the same.
  func copyReturns(of other: Tracee) { returns = other.returns }
}
