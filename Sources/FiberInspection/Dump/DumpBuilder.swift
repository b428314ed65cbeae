internal import CallFrameInfo

extension Dump {
  /// Walks every selected stack of `snapshot` by rows of call frame information, and names its frames by libdw.
  ///
  /// - Parameters:
  ///   - snapshot: what to dump.
  ///   - frameLimit: how many frames to show of a stack.
  ///   - selection: what to show.
  ///   - progress: told after each stack and each place of code how far it is.
  /// - Complexity: O(frames), and O(symbols log symbols) for each module that frames lie in.
  public init(
    of snapshot: Snapshot, frameLimit: FrameLimit = FrameLimit(), selection: DumpSelection = DumpSelection(),
    progress: (DumpProgress) -> Void = { _ in }
  ) {
    var snapshot = snapshot
    var unwinder = RowUnwinder(snapshot)
    do {
      let session = try LibdwSession(snapshot)
      snapshot.problems += session.problems
      var symbolizer = Symbolizer(session: session, registries: snapshot.registries)
      self.init(
        of: snapshot, unwinder: &unwinder, locations: &symbolizer, frameLimit: frameLimit, selection: selection,
        progress: progress)
    } catch {
      snapshot.problems.append(Problem("no frame could be named: \(error)"))
      var locations = NoLocations()
      self.init(
        of: snapshot, unwinder: &unwinder, locations: &locations, frameLimit: frameLimit, selection: selection,
        progress: progress)
    }
    problems += unwinder.problems
  }

  /// Walks and names every selected stack of `snapshot`.
  package init(
    of snapshot: Snapshot, unwinder: inout some Unwinder, locations: inout some LocationSource, frameLimit: FrameLimit,
    selection: DumpSelection = DumpSelection(), progress: (DumpProgress) -> Void = { _ in }
  ) {
    var walks = DumpWalks(snapshot, selection: selection)
    // Threads are walked whatever is shown: their traces say which fibers are on them.
    var threadDrafts = walks.walkThreads(by: &unwinder)
    var fiberDrafts = walks.walkFibers(by: &unwinder, progress: progress)
    fiberCounts = walks.counts
    let absent = walks.absent.problem
    var naming = walks.takeFrames().naming()
    for index in threadDrafts.indices {
      threadDrafts[index]?.limit(to: frameLimit, in: &naming, by: &locations)
    }
    for registry in fiberDrafts.indices {
      for index in fiberDrafts[registry].indices {
        fiberDrafts[registry][index].trace?.limit(to: frameLimit, in: &naming, by: &locations)
      }
    }
    let table = naming.table(by: &locations, progress: progress)

    threads =
      selection.showsThreads
      ? zip(snapshot.threads, threadDrafts).map { thread, draft in
        ThreadDump(id: thread.id, name: thread.name, signal: thread.signal, trace: draft?.trace(in: table))
      } : []
    registries = zip(snapshot.registries, fiberDrafts).map { registry, drafts in
      let fibers = drafts.map { draft in
        var fiber = draft.dump
        fiber.trace = draft.trace?.trace(in: table)
        if draft.creator != 0 { fiber.creation = locations.location(of: draft.creator &- 1) }
        return fiber
      }
      return RegistryDump(modulePath: registry.modulePath, runtime: registry.runtime, fibers: fibers)
    }
    endDemangling()

    source = snapshot.source
    processID = snapshot.processID
    command = snapshot.command
    threadCount = snapshot.threads.count
    self.selection = selection
    modules = snapshot.modules.map { ModuleDump($0, mappings: snapshot.mappings) }
    problems = (snapshot.problems + locations.problems + [absent].compactMap(\.self)).coalesced
    notes = (snapshot.notes + [Self.noteOnDeleted(modules)].compactMap(\.self)).coalesced
  }

  /// One note for the files that are no longer what a path leads to.
  private static func noteOnDeleted(_ modules: [ModuleDump]) -> Problem? {
    let paths = modules.filter(\.isDeleted).map(\.path)
    guard let first = paths.first else { return nil }
    guard paths.count > 1 else {
      return Problem("\(first) was deleted or replaced after the process had mapped it: it is shown as it was mapped")
    }
    let limit = 8
    let others = paths.count > limit ? " and \(paths.count - limit) more" : ""
    return Problem(
      "\(paths.count) files were deleted or replaced after the process had mapped them, and are shown as they were mapped: "
        + paths.prefix(limit).joined(separator: ", ") + others)
  }
}

extension ModuleDump {
  fileprivate init(_ module: Module, mappings: [Mapping]) {
    let index = mappings.firstIndexAbove(module.range.lowerBound) { $0.range.lowerBound } - 1
    let isDeleted = index >= 0 && mappings[index].range.contains(module.range.lowerBound) && mappings[index].isDeleted
    var missing: String?
    if case .missing(let reason) = module.image { missing = reason }
    self.init(
      path: module.path, range: module.range, bias: module.bias, buildID: module.buildID, missing: missing,
      isDeleted: isDeleted)
  }
}

extension [Problem] {
  /// Each once, in the order they were met first; those that came more often say how often.
  fileprivate var coalesced: [Problem] {
    var counts: [Problem: Int] = [:]
    for problem in self { counts[problem, default: 0] += 1 }
    return compactMap { problem in
      guard let count = counts.removeValue(forKey: problem) else { return nil }
      return count == 1 ? problem : Problem("\(problem) (\(count) times)")
    }
  }
}

/// Names where libdw could not be set up: none.
private struct NoLocations: LocationSource {
  let problems: [Problem] = []
  mutating func location(of pc: UInt64) -> Location { Location() }
}
