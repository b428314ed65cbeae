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
  /// It has stopped before, and `state` is what it was then.
  var isKnown = false
  /// A signal was delivered by the last resumption.
  var delivered: Int32 = 0

  init(id: Int32, process: TracedProcess) {
    self.id = id
    self.process = process
  }
}
