package import FiberInspection

/// The truth of the stacks of one address space, and the rows that are held against it.
///
/// Whoever steps tells it of every event, in order; it answers what the step was.
package final class ProcessTruth {
  /// How a thread comes to be followed.
  package enum Beginning: Sendable {
    /// At the first instruction after exec, or of a new thread: there is no frame.
    case start
    /// Somewhere: its frames are not known.
    case middle
    /// At the first instruction of a function that was reached at full speed: the return address lies at rsp, if it was called.
    case entry
  }

  /// What a step did, as far as somebody has to act on it.
  package enum Step: Sendable, Hashable {
    /// It stays in the same activation, or is back in one that is known.
    case same
    /// A function was called: its return address lies at `slot`.
    case called(slot: UInt64, returnAddress: UInt64)
    /// A known activation has returned to one that is known.
    case returned
    /// No activation is known here any more.
    case unknown
  }

  /// - Parameters:
  ///   - memory: the process's memory as it is at each call.
  ///   - modules: what it has mapped now.
  package init(memory: any MemoryReader, modules: [Module], walkInterval: Int) {}

  /// Other modules are mapped now (dlopen, dlclose).
  package func setModules(_ modules: [Module]) {}

  /// A thread is followed from here on. What was known of its frames is forgotten, unless `how` is `entry` and they are still there.
  package func begin(_ thread: Int32, _ state: MachineState, _ how: Beginning) {}

  /// One instruction was executed.
  package func stepped(_ thread: Int32, from: MachineState, to: MachineState) -> Step { .same }

  /// A signal's handler was entered: `to` is its first instruction.
  package func delivered(_ thread: Int32, from: MachineState, to: MachineState) {}

  /// The call that `called` told of was run at full speed and has come back to its return address, with the frame gone.
  package func ranOver(_ thread: Int32, to: MachineState) -> Step { .same }

  /// The thread runs at full speed for an unknown time.
  package func released(_ thread: Int32) {}

  /// The thread has ended.
  package func ended(_ thread: Int32) {}

  /// A copy for a child that fork made: `parent` is the thread that called it, `child` the new process's only thread.
  package func forked(_ parent: Int32, child: Int32, memory: any MemoryReader) -> ProcessTruth { self }

  /// What was found and covered, added to `report`.
  package func add(to report: inout StepReport) {}
}
