/// The threads and fibers of a snapshot as a debugger's threads.
package struct DebuggerThreads: Sendable {
  /// Threads in the snapshot's order, then fibers by registry and id.
  package private(set) var all: [DebuggerThread] = []
  /// What could not be read, one line each: fibers without a thread because of damage, and call frame information.
  package private(set) var problems: [Problem] = []
  /// Fibers for which no thread is made because they have no frames.
  package private(set) var notes: [Problem] = []

  /// Finds each fiber, as a dump does.
  ///
  /// - Complexity: O(fibers + frames of threads).
  package init(of snapshot: Snapshot) {
    var unwinder = RowUnwinder(snapshot)
    self.init(of: snapshot, unwinder: &unwinder)
    problems += unwinder.problems
  }

  init(of snapshot: Snapshot, unwinder: inout some StackStartUnwinder) {
    var starts = FiberStarts(snapshot)
    starts.walkThreads(by: &unwinder)
    all.reserveCapacity(snapshot.threads.count + snapshot.registries.reduce(0) { $0 + $1.fibers.count })
    for (index, thread) in snapshot.threads.enumerated() {
      let fiber = starts.running[thread.id].map { "runs \($0)" }
      let signal = thread.signal == 0 ? nil : signalName(thread.signal)
      all.append(
        DebuggerThread(
          id: thread.id, subject: .thread(index: index), name: (thread.name ?? snapshot.command).escapedForTerminal,
          details: [signal, fiber].compactMap(\.self).joined(separator: ", "), registers: thread.registers))
    }

    var ids = DebuggerThreadIDs(threads: snapshot.threads.lazy.map(\.id))
    var without = FibersWithoutThread()
    var absent = AbsentStacks(snapshot.source)
    for (number, registry) in snapshot.registries.enumerated() {
      for (index, fiber) in registry.fibers.enumerated() {
        let key = FiberBases.Key(registry: number, index: index)
        let reference = FiberReference(registry: number, id: fiber.id, name: fiber.name)
        let place = starts.place(of: key)
        let state = FiberState(of: fiber, at: place)
        switch starts.start(of: fiber, key, state: state) {
        case .registers(let registers):
          guard let id = ids.id(of: fiber.id, registry: number) else {
            without.add(starts.labels.label(reference), because: "there are more fibers than numbers for threads")
            continue
          }
          let details = starts.labels.state(
            state, evidence: place?.evidence ?? .record, waitReason: state == .suspended ? fiber.waitReason : nil)
          all.append(
            DebuggerThread(
              id: id, subject: .fiber(reference, state), name: starts.labels.threadName(reference), details: details,
              registers: registers))
        case .absent: _ = absent.add(fiber)
        case .defect(let defect): without.add(starts.labels.label(reference), because: defect)
        case .none: without.add(state.kind)
        }
      }
    }
    problems += [absent.problem, without.problem].compactMap(\.self)
    notes += [without.note].compactMap(\.self)
  }
}

extension Snapshot {
  /// Its threads and fibers as a debugger's threads.
  package func debuggerThreads() -> DebuggerThreads { DebuggerThreads(of: self) }
}

extension Labels {
  /// "fiber 3 producer", "fiber 3@runtime".
  func threadName(_ fiber: FiberReference) -> String {
    "fiber \(fiber.id)\(suffix(fiber.registry))" + (fiber.name.map { " \($0.escapedForTerminal)" } ?? "")
  }
}

/// Counts fibers for which there is no thread.
private struct FibersWithoutThread {
  private var ended: [FiberState.Kind: Int] = [:]
  private var damaged: (first: String, count: Int)?

  mutating func add(_ state: FiberState.Kind) { ended[state, default: 0] += 1 }

  mutating func add(_ fiber: String, because defect: String) {
    damaged = (damaged?.first ?? "\(fiber): \(defect)", (damaged?.count ?? 0) + 1)
  }

  /// Fibers that have no frames.
  var note: Problem? {
    let parts = FiberState.Kind.allCases.compactMap { kind in ended[kind].map { "\($0) \(kind.rawValue)" } }
    guard !parts.isEmpty else { return nil }
    let total = ended.values.reduce(0, +)
    return Problem(
      "\(counted(total, "fiber")) without frames \(total == 1 ? "is" : "are") not among the threads: "
        + parts.joined(separator: ", "))
  }

  /// Fibers whose frames cannot be found.
  var problem: Problem? {
    damaged.map { first, count in
      Problem("no thread stands for \(first)" + (count > 1 ? " (and so for \(count - 1) more)" : ""))
    }
  }
}
