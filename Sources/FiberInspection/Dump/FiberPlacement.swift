internal import CallFrameInfo

/// Which thread each fiber is on, and what says so.
struct FiberPlacement {
  /// A fiber on a thread.
  struct Place {
    var state: FiberState
    var evidence: FiberDump.Evidence
    /// rsp where its frames begin, nil if unknown.
    var stackPointer: UInt64?
    /// A fault of memory was met there.
    var faulted = false
  }

  private(set) var places: [FiberBases.Key: Place] = [:]
  private let registries: [RegistrySnapshot]
  private let bases: FiberBases
  private let mappings: [Mapping]
  private let memory: any MemoryReader

  init(_ snapshot: Snapshot, bases: FiberBases) {
    registries = snapshot.registries
    mappings = snapshot.mappings
    memory = snapshot.memory
    self.bases = bases
  }

  /// Takes the fibers whose bases occur in a thread's walk: the innermost runs, each other one resumes the one before it.
  mutating func take(_ stretches: [TraceBuilder.Stretch], of walk: Walk, thread: ThreadSnapshot) {
    var inner: StackOwner?
    for stretch in stretches {
      defer { inner = stretch.owner }
      guard let key = stretch.key else { continue }
      let state: FiberState = inner.map { .resuming($0, thread: thread.id) } ?? .running(thread: thread.id)
      // In a cycle a base comes again; its first place is the true one.
      if places[key] == nil {
        var place = Place(state: state, evidence: .trace)
        if let number = innermost(of: stretch, in: walk, key) {
          place.stackPointer = walk.frames[number].stackPointer
          let low = registries[key.registry].fibers[key.index].low
          let address = SignalFrame.faultAddress(interrupting: number, of: walk, memory: memory)
          place.faulted =
            number == 0 ? isFault(thread.signal) : address.map { $0 < low && low - $0 <= StackOverflow.reach } ?? false
        }
        places[key] = place
      }
    }
  }

  /// The number of a fiber's innermost frame on its own stack. A handler's frames may lie on an alternate stack: then the frame that
  /// the signal interrupted is the innermost.
  private func innermost(of stretch: TraceBuilder.Stretch, in walk: Walk, _ key: FiberBases.Key) -> Int? {
    let fiber = registries[key.registry].fibers[key.index]
    let first = stretch.numbers.lowerBound
    if let sp = walk.frames[first].stackPointer, fiber.low <= sp, sp < fiber.high { return first }
    // The base frame itself is marked as if a signal had interrupted it.
    return stretch.numbers.dropLast().last { walk.frames[$0].isInterrupted } ?? first
  }

  /// Looks for fibers that are on a thread by their count but in no walk: by the registers of threads in the middle of
  /// a switch, by stack pointers, and by links from there.
  mutating func searchMissing(threads: [ThreadSnapshot]) {
    var missing: [(key: FiberBases.Key, fiber: FiberSnapshot)] = []
    for (registry, snapshot) in registries.enumerated() {
      for (index, fiber) in snapshot.fibers.enumerated() where fiber.isOnThread && fiber.low < fiber.high {
        let key = FiberBases.Key(registry: registry, index: index)
        if places[key] == nil { missing.append((key, fiber)) }
      }
    }
    guard !missing.isEmpty else { return }
    missing.sort { $0.fiber.low < $1.fiber.low }

    for thread in threads {
      guard let registers = thread.registers else { continue }
      if let (key, fiber) = switching(registers, among: missing) {
        places[key] = Place(
          state: .switching(thread: thread.id), evidence: .record, stackPointer: fiber.savedStackPointer)
      } else if let (key, fiber) = holder(of: registers.stackPointer, among: missing)
        ?? overflowed(registers.stackPointer, among: missing), places[key] == nil
      {
        places[key] = Place(
          state: .running(thread: thread.id), evidence: .stackPointer, stackPointer: registers.stackPointer,
          faulted: isFault(thread.signal))
        follow(link: fiber.link, from: key, thread: thread.id, among: missing)
      }
    }
  }

  private typealias Missing = [(key: FiberBases.Key, fiber: FiberSnapshot)]

  /// The fiber a thread is about to enter or has just left. `resume` and `suspend` hold its base in rdx from before they make the
  /// count odd until after it is even again.
  private func switching(_ registers: Registers, among missing: Missing) -> (FiberBases.Key, FiberSnapshot)? {
    let pc = registers.programCounter
    guard let base = registers.values[1],
      let registry = registries.firstIndex(where: { registry in
        let layout = registry.layout
        return layout.hasLink && (layout.resume.contains(pc) || layout.suspend.contains(pc))
      })
    else { return nil }
    return missing.first { $0.key.registry == registry && $0.fiber.base == base }
  }

  /// The fiber whose stack holds `address`. O(log n).
  private func holder(of address: UInt64, among missing: Missing) -> (FiberBases.Key, FiberSnapshot)? {
    let index = missing.firstIndexAbove(address) { $0.fiber.low } - 1
    guard index >= 0, address < missing[index].fiber.high else { return nil }
    return missing[index]
  }

  /// The fiber below whose stack `address` lies, in its guard: a writable address would be another stack's. O(log n).
  private func overflowed(_ address: UInt64, among missing: Missing) -> (FiberBases.Key, FiberSnapshot)? {
    let index = missing.firstIndexAbove(address) { $0.fiber.low }
    guard index < missing.count, missing[index].fiber.low - address <= StackOverflow.reach else { return nil }
    let mapping = mappings.firstIndexAbove(address) { $0.range.lowerBound } - 1
    if mapping >= 0, mappings[mapping].isWritable, mappings[mapping].range.contains(address) { return nil }
    return missing[index]
  }

  /// From a fiber found by a stack pointer outwards: its link is an address on its resumer's stack.
  private mutating func follow(link: UInt64?, from start: FiberBases.Key, thread: Int32, among missing: Missing) {
    var inner = start
    var link = link
    // Ends in a cycle too, since a fiber is given a place once.
    while let address = link, let (key, fiber) = holder(of: address, among: missing), places[key] == nil {
      places[key] = Place(
        state: .resuming(.fiber(bases.reference(inner)), thread: thread), evidence: .link, stackPointer: address)
      inner = key
      link = fiber.link
    }
  }
}
