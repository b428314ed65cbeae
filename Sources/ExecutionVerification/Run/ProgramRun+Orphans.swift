internal import CProcess
internal import FiberInspection
internal import Glibc

/// Children whose parent has been killed before it could tell of them: the kernel has them traced and stopped, and nobody else lets
/// them go on.
extension ProgramRun {
  /// So many processes that have ended are kept: what breakpoints their children were born with is known by them.
  private static let mostFallen = 4

  /// - Parameter process: has ended, or executed another program: it tells of no further child.
  func adoptOrphans(of process: TracedProcess) {
    fallen.append(process)
    if fallen.count > Self.mostFallen { fallen.removeFirst() }
    adoptOrphans()
  }

  /// Follows those that have stopped, and that no event will tell of.
  func adoptOrphans() {
    for (id, status) in early where !isAwaited(id) {
      early[id] = nil
      adopt(id, status)
    }
  }

  /// Whoever may have started it lives.
  private func isAwaited(_ id: Int32) -> Bool {
    guard let parent = try? ProcessStatus(thread: id).parent else { return true }
    let processes = Set(tracees.values.map(\.process.id))
    return processes.contains(parent) || processes.contains { isThread(id, of: $0) }
  }

  private func adopt(_ id: Int32, _ status: Int32) {
    let process = addProcess(id, thread: id, other: (fallen.last ?? tracees.values.first?.process)?.truth)
    // Its parent is the one that had the same mappings.
    let code = Set(process.modules.code)
    let parent = fallen.map { process in (process, process.modules.code.count { code.contains($0) }) }
      .max { $0.1 < $1.1 }?.0
    parent?.breakpoints?.removeAll(in: id)
    report.processes += 1
    tracees[id] = Tracee(id: id, process: process, .middle)
    arrived(id, status)
  }
}
