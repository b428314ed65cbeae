/// The walks of a dump: first those of threads, which say what is on them, then those of the fibers that are selected.
struct DumpWalks {
  /// A selected fiber without names.
  struct Fiber {
    var dump: FiberDump
    var trace: TraceDraft?
    var creator: UInt64
  }

  /// All frames so far.
  private var frames = FrameCollection()
  /// All fibers by state, once they were walked.
  private(set) var counts: [FiberState.Kind: Int] = [:]
  /// Fibers without a stack, once they were walked.
  private(set) var absent: AbsentStacks

  private let snapshot: Snapshot
  private let selection: DumpSelection
  private let labels: Labels
  private var walks: ThreadWalks
  private var parts: [FiberBases.Key: ThreadPart] = [:]

  init(_ snapshot: Snapshot, selection: DumpSelection) {
    self.snapshot = snapshot
    self.selection = selection
    labels = Labels(snapshot.registries.map { ($0.runtime, $0.modulePath) })
    walks = ThreadWalks(snapshot)
    absent = AbsentStacks(snapshot.source)
  }

  /// All frames of the walks, which are done.
  mutating func takeFrames() -> FrameCollection {
    defer { frames = FrameCollection() }
    return frames
  }

  private var builder: TraceBuilder { walks.builder }

  /// Walks every thread, and finds the fibers on them. Answers traces where threads are selected.
  mutating func walkThreads(by unwinder: inout some Unwinder) -> [TraceDraft?] {
    let drafts = snapshot.threads.map { thread -> TraceDraft? in
      guard let (walk, stretches) = walks.walk(thread, by: &unwinder) else { return nil }
      if selection.showsFibers {
        // In a cycle a base comes again; its first place is the true one.
        parts.merge(builder.parts(of: walk, divided: stretches).map { ($0.key, $0.part) }) { first, _ in first }
      }
      return selection.showsThreads ? builder.trace(of: walk, divided: stretches, in: &frames) : nil
    }
    walks.placeMissing(threads: snapshot.threads)
    return drafts
  }

  /// Walks the selected fibers of each registry.
  mutating func walkFibers(by unwinder: inout some Unwinder, progress: (DumpProgress) -> Void) -> [[Fiber]] {
    let total = snapshot.registries.reduce(0) { $0 + $1.fibers.count }
    var done = 0
    return snapshot.registries.enumerated().map { number, registry in
      var fibers: [Fiber] = []
      if !selection.isFiltered, selection.showsFibers { fibers.reserveCapacity(registry.fibers.count) }
      for (index, fiber) in registry.fibers.enumerated() {
        let key = FiberBases.Key(registry: number, index: index)
        let dump = FiberDump(fiber, in: number, at: walks.placement.places[key])
        counts[dump.state.kind, default: 0] += 1
        if selection.contains(dump.reference, state: dump.state, suffix: labels.suffix(number)) {
          fibers.append(walked(dump, fiber, key, by: &unwinder))
        }
        done += 1
        progress(DumpProgress(phase: .walking, done: done, total: total))
      }
      return fibers
    }
  }

  private mutating func walked(
    _ dump: FiberDump, _ fiber: FiberSnapshot, _ key: FiberBases.Key, by unwinder: inout some Unwinder
  ) -> Fiber {
    var result = Fiber(dump: dump, creator: fiber.creator)
    if let part = parts[key] {
      result.trace = builder.trace(of: part, in: &frames)
      result.dump.resumer = part.resumer
    }
    guard dump.isOffThread else { return result }
    let layout = snapshot.registries[key.registry].layout
    switch SuspendedState(of: fiber, layout: layout, memory: snapshot.memory) {
    case .registers(let registers):
      // What lies on its stack only makes the first resume enter its base: it has had no frame.
      if dump.state == .notStarted { break }
      let walk = walks.walk(from: registers, by: &unwinder)
      // The innermost frame is known without a stack, and zeros may be taken for a second one.
      if walk.frames.count <= 2, absent.isAbsent(fiber, memory: snapshot.memory) {
        result.dump.defect = absent.add(fiber)
        break
      }
      let root: StackOwner = if case .switching(let thread) = dump.state { .thread(thread) } else { .unknown }
      let stretches = builder.stretches(of: walk, root: root)
      result.trace = builder.trace(of: walk, divided: stretches, in: &frames)
    case .absent:
      result.dump.defect = absent.add(fiber)
    case .defect(let defect):
      result.dump.defect = defect
    }
    return result
  }
}

extension FiberDump {
  /// The fiber as its record and its place on a thread, if it has one, describe it; without trace and creation site.
  fileprivate init(_ fiber: FiberSnapshot, in registry: Int, at place: FiberPlacement.Place?) {
    let state = FiberState(of: fiber, at: place)
    let stackPointer: UInt64? =
      switch state {
      case .finished, .abandoned, .unlocated, .notStarted: nil
      case .suspended: fiber.savedStackPointer
      case .running, .resuming, .switching: place?.stackPointer
      }
    let stack = fiber.low < fiber.high ? fiber.low..<fiber.high : nil
    let overflow = stackPointer.flatMap { pointer in
      stack.flatMap { StackOverflow(stackPointer: pointer, low: $0.lowerBound, faulted: place?.faulted ?? false) }
    }
    self.init(
      reference: FiberReference(registry: registry, id: fiber.id, name: fiber.name), state: state,
      evidence: place?.evidence ?? .record,
      // The reason of an earlier suspend means nothing once it runs again.
      waitReason: state == .suspended ? fiber.waitReason : nil,
      stackUsed: stackPointer.flatMap { pointer in
        stack.flatMap { $0.contains(pointer) ? $0.upperBound - pointer : nil }
      },
      overflow: overflow,
      stackSize: stack.map { $0.upperBound - $0.lowerBound }, timesResumed: fiber.timesResumed)
  }

  /// It has frames of its own, or will have as soon as it is resumed, so that its record has to be sound.
  fileprivate var isOffThread: Bool {
    switch state {
    case .suspended, .notStarted, .switching: true
    case .running, .resuming, .finished, .abandoned, .unlocated: false
    }
  }
}
