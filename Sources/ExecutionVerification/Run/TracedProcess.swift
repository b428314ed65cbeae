internal import FiberInspection

/// An address space that is traced.
final class TracedProcess {
  let id: Int32
  let memory: LiveMemory
  let truth: ProcessTruth
  let modules: TracedModules
  private var ranges: [Range<UInt64>] = []
  private(set) var problems: [Problem] = []
  /// Pages of code that is in no file, as of the last look at the mappings.
  private var foreign: Set<UInt64> = []

  /// - Parameter other: a process of the same run.
  init(id: Int32, thread: Int32, walkInterval: Int, other: ProcessTruth?) {
    self.id = id
    memory = LiveMemory(thread: thread)
    modules = TracedModules(process: id, thread: thread)
    let found = modules.changed(thread: thread)
    problems = found?.problems ?? []
    let all = found?.modules ?? []
    ranges = all.map(\.range)
    if let other {
      truth = ProcessTruth(other, memory: memory, modules: all)
    } else {
      truth = ProcessTruth(memory: memory, modules: all, walkInterval: walkInterval)
    }
  }

  /// The child of a fork.
  init(id: Int32, forkedFrom parent: TracedProcess, by thread: Int32) {
    self.id = id
    memory = LiveMemory(thread: id)
    modules = TracedModules(process: id, thread: id)
    _ = modules.changed(thread: id)
    truth = parent.truth.forked(thread, child: id, memory: memory)
    ranges = parent.ranges
    foreign = parent.foreign
  }

  /// Looks at the mappings again if code is executed that was in no module.
  @inline(__always) func see(_ pc: UInt64, thread: Int32) {
    if let last, last.contains(pc) { return }
    find(pc, thread)
  }

  private var last: Range<UInt64>?

  @inline(never) private func find(_ pc: UInt64, _ thread: Int32) {
    last = ranges.first { $0.contains(pc) }
    if last != nil || foreign.contains(pc >> 12) { return }
    foreign.insert(pc >> 12)
    refresh(thread: thread)
  }

  /// The mappings may have changed.
  func refresh(thread: Int32) {
    guard let found = modules.changed(thread: thread) else { return }
    problems += found.problems.filter { !problems.contains($0) }
    ranges = found.modules.map(\.range)
    last = nil
    foreign = []
    truth.setModules(found.modules)
  }
}
