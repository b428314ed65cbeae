internal import FiberInspection

/// How a process that runs comes to be followed.
extension ProgramRun {
  /// Seizes all its threads, and the processes that have its memory: a child of vfork, say, that has not yet executed another program.
  /// They would meet its breakpoints.
  ///
  /// - Throws: why one of them cannot be traced.
  func attach(_ id: Int32) throws(InspectionError) {
    let seizure = try ThreadSeizure(process: id)
    first = seizure.process
    let threads = try seizure.seizeAll(options: Self.options)
    var others: [(id: Int32, threads: [Int32])] = []
    // Breakpoints are for sampling. What the others start before they are seized has the same memory, too.
    while isSampled {
      let known = [first] + others.map(\.id)
      let new = SharedMemory.processes(with: seizure.thread, of: first).filter { !known.contains($0) }
      if new.isEmpty { break }
      for process in new { others.append((process, try seizeSharer(process))) }
    }
    let process = addProcess(first, thread: seizure.thread, other: nil)
    for thread in threads { expect(Tracee(id: thread, process: process, .middle)) }
    if others.isEmpty { return }
    // They have the same breakpoints.
    prepare(process, thread: seizure.thread)
    for (id, threads) in others where !threads.isEmpty {
      let other = TracedProcess(id: id, forkedFrom: process, by: seizure.thread, sharesMemory: true)
      if let agreement { other.compareUnwinders(agreement) }
      report.processes += 1
      for thread in threads { expect(Tracee(id: thread, process: other, .middle)) }
    }
  }

  /// - Returns: its threads; none if it has ended.
  private func seizeSharer(_ id: Int32) throws(InspectionError) -> [Int32] {
    do throws(InspectionError) {
      return try ThreadSeizure(process: id).seizeAll(options: Self.options)
    } catch {
      if [.notFound, .exited, .zombie].contains(error.code) { return [] }
      throw error
    }
  }

  /// It stops soon.
  private func expect(_ tracee: Tracee) {
    tracees[tracee.id] = tracee
    pending.insert(tracee.id)
  }
}
