extension Dump {
  /// Frames shown of a stack unless asked otherwise.
  public static let defaultFrameLimit = 256

  /// Walks every stack of `snapshot` by rows of call frame information, and names its frames by libdw.
  ///
  /// - Parameter frameLimit: the most frames to show of a stack, at least 1; deeper ones lose their middle.
  /// - Complexity: O(frames), and O(symbols log symbols) for each module that frames lie in.
  public init(of snapshot: Snapshot, frameLimit: Int = defaultFrameLimit) {
    var snapshot = snapshot
    var unwinder = RowUnwinder(snapshot)
    do {
      let session = try LibdwSession(snapshot)
      snapshot.problems += session.problems
      var symbolizer = Symbolizer(session: session, registries: snapshot.registries)
      self.init(of: snapshot, unwinder: &unwinder, locations: &symbolizer, frameLimit: frameLimit)
    } catch {
      snapshot.problems.append(Problem("no frame could be named: \(error)"))
      var locations = NoLocations()
      self.init(of: snapshot, unwinder: &unwinder, locations: &locations, frameLimit: frameLimit)
    }
  }

  /// Walks and names every stack of `snapshot`.
  package init(
    of snapshot: Snapshot, unwinder: inout some Unwinder, locations: inout some LocationSource, frameLimit: Int
  ) {
    let builder = TraceBuilder(limit: max(1, frameLimit), bases: FiberBases(snapshot.registries))
    var placement = FiberPlacement(snapshot, bases: builder.bases)
    var budget = WalkBudget()
    func walk(from registers: Registers, by unwinder: inout some Unwinder) -> Walk {
      let walk = builder.completed(unwinder.walk(from: registers, limit: budget.limit))
      budget.take(walk)
      return walk
    }

    threads = []
    for thread in snapshot.threads {
      var trace: Trace?
      if let registers = thread.registers {
        let walk = walk(from: registers, by: &unwinder)
        let stretches = builder.stretches(of: walk, root: .thread(thread.id))
        placement.take(stretches, of: walk, thread: thread)
        trace = builder.trace(of: walk, divided: stretches, by: &locations)
      }
      threads.append(ThreadDump(id: thread.id, name: thread.name, signal: thread.signal, trace: trace))
    }
    placement.searchMissing(threads: snapshot.threads)

    registries = []
    for (number, registry) in snapshot.registries.enumerated() {
      var fibers: [FiberDump] = []
      for (index, fiber) in registry.fibers.enumerated() {
        let place = placement.places[FiberBases.Key(registry: number, index: index)]
        var dump = FiberDump(fiber, in: number, at: place)
        if dump.isOffThread {
          switch SuspendedState(of: fiber, layout: registry.layout, memory: snapshot.memory) {
          case .registers(let registers):
            // What lies on its stack only makes the first resume enter its base: it has had no frame.
            if dump.state == .notStarted { break }
            let walk = walk(from: registers, by: &unwinder)
            let root: StackOwner = if case .switching(let thread) = dump.state { .thread(thread) } else { .unknown }
            let stretches = builder.stretches(of: walk, root: root)
            dump.trace = builder.trace(of: walk, divided: stretches, by: &locations)
          case .defect(let defect):
            dump.defect = defect
          }
        }
        if fiber.creator != 0 { dump.creation = locations.location(of: fiber.creator &- 1) }
        fibers.append(dump)
      }
      registries.append(RegistryDump(modulePath: registry.modulePath, runtime: registry.runtime, fibers: fibers))
    }

    source = snapshot.source
    processID = snapshot.processID
    command = snapshot.command
    problems = snapshot.problems + locations.problems
    notes = snapshot.notes
  }
}

extension FiberDump {
  /// The fiber as its record and its place on a thread, if it has one, describe it; without trace and creation site.
  fileprivate init(_ fiber: FiberSnapshot, in registry: Int, at place: FiberPlacement.Place?) {
    let state: FiberState
    if let place {
      state = place.state
    } else if fiber.isFinished {
      state = .finished
    } else if fiber.isOnThread {
      state = .unlocated
    } else {
      state = fiber.count == 0 ? .notStarted : .suspended
    }
    let stackPointer: UInt64? =
      switch state {
      case .finished, .unlocated, .notStarted: nil
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
    case .running, .resuming, .finished, .unlocated: false
    }
  }
}

private struct NoLocations: LocationSource {
  let problems: [Problem] = []
  mutating func location(of pc: UInt64) -> Location { Location() }
}
