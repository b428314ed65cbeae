/// Where walks of fibers begin.
struct FiberStarts {
  let labels: Labels
  /// The fiber that each thread runs.
  private(set) var running: [Int32: String] = [:]

  private let snapshot: Snapshot
  private var walks: ThreadWalks
  private var threads: [Int32: Registers] = [:]
  /// Those of fibers that resume others.
  private var resuming: [FiberBases.Key: Registers] = [:]

  /// What is known of a fiber's start.
  enum Start: Equatable {
    case registers(Registers)
    /// Its stack is not in the snapshot.
    case absent
    case defect(String)
    /// It has no frames.
    case none
  }

  init(_ snapshot: Snapshot) {
    self.snapshot = snapshot
    walks = ThreadWalks(snapshot)
    labels = Labels(snapshot.registries.map { ($0.runtime, $0.modulePath) })
  }

  /// Finds the fibers on threads. O(frames).
  mutating func walkThreads(by unwinder: inout some StackStartUnwinder) {
    for thread in snapshot.threads {
      guard let registers = thread.registers, let (_, stretches) = walks.walk(thread, by: &unwinder) else { continue }
      if threads[thread.id] == nil { threads[thread.id] = registers }
      let outer = stretches.dropFirst().filter { $0.key != nil }
      guard !outer.isEmpty else { continue }
      let starts = unwinder.registers(beyond: outer.map { $0.numbers.lowerBound - 1 }, from: registers)
      for case (let key?, let start?) in zip(outer.map(\.key), starts) where resuming[key] == nil {
        resuming[key] = start
      }
    }
    walks.placeMissing(threads: snapshot.threads)
    for (key, place) in walks.placement.places {
      if case .running(let thread) = place.state { running[thread] = labels.label(walks.builder.bases.reference(key)) }
    }
  }

  /// Where a fiber is; nil for one on no thread.
  func place(of key: FiberBases.Key) -> FiberPlacement.Place? { walks.placement.places[key] }

  /// Where the walk of a fiber begins. O(1).
  func start(of fiber: FiberSnapshot, _ key: FiberBases.Key, state: FiberState) -> Start {
    let layout = snapshot.registries[key.registry].layout
    switch state {
    case .finished, .abandoned: return .none
    case .unlocated: return .defect(labels.state(state, evidence: .record, waitReason: nil))
    case .running(let thread):
      return threads[thread].map { .registers($0) } ?? .defect("the registers of thread \(thread) are not known")
    case .resuming:
      if let start = resuming[key] ?? linked(to: place(of: key), layout) { return .registers(start) }
      return .defect("the frame in which it resumed another fiber cannot be found")
    case .suspended, .notStarted, .switching:
      switch SuspendedState(of: fiber, layout: layout, memory: snapshot.memory) {
      case .absent: return .absent
      case .defect(let defect): return .defect(defect)
      case .registers(let registers):
        let isAbsent = layout.hasLink && AbsentStacks(snapshot.source).isAbsent(fiber, memory: snapshot.memory)
        return isAbsent ? .absent : .registers(registers)
      }
    }
  }

  /// The frame of `resume` that a link leads to: the link is the rbp of that frame and its CFA as seen from the base, and the return
  /// address lies below it.
  private func linked(to place: FiberPlacement.Place?, _ layout: RegistryLayout) -> Registers? {
    guard let place, place.evidence == .link, let link = place.stackPointer,
      let back = snapshot.memory.word(at: link &- 8), layout.resume.contains(back)
    else { return nil }
    return Registers(programCounter: back, framePointer: link, stackPointer: link)
  }
}
