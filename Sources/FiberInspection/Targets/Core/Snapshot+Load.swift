extension Snapshot {
  /// The process that a core was taken of, by the kernel or by gcore. The core is read as it is needed: the
  /// snapshot keeps it open, and what is cut off it meanwhile is missing.
  ///
  /// - Parameters:
  ///   - path: the core.
  ///   - executable: the program that made it, if it is not where the core says.
  ///   - sysroot: a directory to put before the paths of libraries, for cores from other machines.
  /// - Throws: why nothing could be read. What could not be read in part is in `problems`.
  /// - Complexity: O(n log n) in segments and fibers, not in the size of the core.
  public static func load(
    core path: String, executable: String? = nil, sysroot: String? = nil
  ) throws(InspectionError) -> Snapshot {
    try requireFiles(executable: executable, sysroot: sysroot)
    let core = try CoreFile(path: path)
    return load(core, CoreNotes(core), executable: executable, sysroot: sysroot).snapshot
  }

  /// The process that an open core was taken of, and its modules.
  static func load(
    _ core: CoreFile, _ notes: CoreNotes, executable: String?, sysroot: String?
  ) -> (snapshot: Snapshot, modules: [FoundModule]) {
    var map = CoreMappings(core, notes)
    let memory = CoreMemory(core)
    let programPath = notes.auxiliary[AuxiliaryVector.programHeaders].flatMap { address in
      map.mappings.first { $0.range.contains(address) }?.path
    }
    // The program lies lowest; where the core does not say which it is, only the caller's executable goes by that.
    let lowest = map.mappings.first { $0.path.hasPrefix("/") }?.path
    let files = CoreModuleFiles(programPath: programPath ?? lowest, executable: executable, sysroot: sysroot)
    var finder = ModuleFinder(
      mappings: map.mappings, unknown: map.leftOut, memory: memory, target: core.path, open: files.open)
    let modules = finder.modules()
    map.takePermissions(from: modules)
    let snapshot = Snapshot(
      core, notes, map.mappings, modules, programPath: programPath, problems: finder.problems, notes: finder.notes)
    return (snapshot, modules)
  }

  /// The process of a core whose modules are known.
  ///
  /// - Parameter moduleProblems: what was wrong with the modules.
  init(
    _ core: CoreFile, _ notes: CoreNotes, _ mappings: [Mapping], _ modules: [FoundModule], programPath: String?,
    problems moduleProblems: [Problem], notes moduleNotes: [Problem]
  ) {
    var problems: [Problem] = []
    let missing = core.missing
    if missing.bytes > 0 {
      problems.append(
        Problem(
          "\(core.path) is truncated: \(missing.bytes) of \(missing.of) bytes of memory are missing (it has "
            + "\(core.bytes.size) bytes): take it again with a higher ulimit -c and enough disk space"))
    }
    let full = ImageBackedMemory(CoreMemory(core), modules: modules)
    let (locations, faults) = RegistryLocation.all(in: modules, memory: full)
    problems += notes.problems + moduleProblems + faults

    let (tables, damage) = RegistryTable.all(at: locations, memory: full)
    let registries = tables.map { $0.snapshot(memory: full) }
    problems += damage + registries.flatMap(\.problems)
    let name = programPath.flatMap { $0.split(separator: "/").last.map(String.init) }
    self.init(
      source: .core(path: core.path), processID: notes.processID, command: name ?? notes.command ?? "?",
      threads: notes.sortedThreads, mappings: mappings, modules: modules.map(\.module),
      registries: registries.map(\.registry), memory: full, problems: problems, notes: moduleNotes)
  }

  /// A wrong path of the caller's is an error, not a module that is missing.
  static func requireFiles(executable: String?, sysroot: String?) throws(InspectionError) {
    try require(executable, .regular, "an executable file")
    try require(sysroot, .directory, "a directory")
  }

  private static func require(
    _ path: String?, _ kind: FileStatus.Kind, _ expected: String
  ) throws(InspectionError) {
    guard let path else { return }
    do {
      if try FileStatus(path: path).kind == kind { return }
    } catch {
      throw InspectionError(.notFound, place: path, "\(error.text), expected \(expected)")
    }
    throw InspectionError(.notAFile, place: path, "expected \(expected)")
  }
}

extension CoreNotes {
  /// By id, the main thread first.
  fileprivate var sortedThreads: [ThreadSnapshot] {
    threads.sorted { ($0.id == processID ? 0 : 1, $0.id) < ($1.id == processID ? 0 : 1, $1.id) }
      .map { ThreadSnapshot(id: $0.id, name: nil, registers: $0.registers, signal: $0.signal) }
  }
}
