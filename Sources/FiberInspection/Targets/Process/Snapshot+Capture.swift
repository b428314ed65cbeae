internal import Glibc

extension Snapshot {
  /// A live process. Stacks of suspended fibers are copied while it runs; it stands still while its registers, registries and all
  /// other live stacks are, and what of the former has changed, and runs again before this returns. Blocks the calling thread
  /// meanwhile.
  ///
  /// O(n log n) in fibers and mappings; the stop is O(n) in fibers, with little beyond the reading of their records.
  ///
  /// - Parameter processID: its id, or that of one of its threads.
  /// - Throws: why nothing could be read. What could not be read in part is in `problems`.
  public static func capture(processID: Int32) throws(InspectionError) -> Snapshot {
    let capture = ProcessCapture(target: try ProcessTarget(processID))
    return try TracingThread.run({ () throws(InspectionError) in try capture.run() }, place: capture.target.place)
  }
}

/// The steps of a capture, in their order: look, copy what does not move, stop, copy the rest, let go, think.
struct ProcessCapture {
  let target: ProcessTarget
  /// Whether stacks of suspended fibers are copied before the process is stopped.
  var copiesEarly = true
  /// Called between the copy of the running process and its stop, where it may change.
  var betweenCopies: () -> Void = {}

  /// What was copied while the process stood still.
  private struct Copy {
    let threads: [ThreadSnapshot]
    let maps: ProcessMaps
    let images: ProcessImages
    let tables: [RegistryTable]
    /// For each record of each table: its stack is in the early copy.
    let isEarly: [[Bool]]
    let memory: CopiedMemory
    let problems: [Problem]

    /// Where the early copy holds, by ascending address.
    var earlyRanges: [Range<UInt64>] {
      var plan = StackPlan(maps: maps, pageMap: nil, limit: .max)
      for (table, isEarly) in zip(tables, isEarly) {
        for (record, isEarly) in zip(table.records, isEarly) where isEarly {
          plan.add(record, layout: table.head.layout)
        }
      }
      return plan.merged()
    }
  }

  func run() throws(InspectionError) -> Snapshot {
    // Files are opened while the process runs: it stands still for the copy alone.
    let files = ProcessFiles(target)
    let maps = try target.maps()
    let images = ProcessImages(in: maps, files: files, thread: target.thread)
    let early = copiesEarly ? EarlyCopy(maps: maps, registries: images.registries, thread: target.thread) : nil
    betweenCopies()

    var process = StoppedProcess(process: target.process)
    let result: Result<Copy, InspectionError>
    do {
      result = .success(try copy(&process, before: maps, images, files, early))
    } catch {
      result = .failure(error)
    }
    let stopped = process.resume()
    let copy = try result.get()

    let copied = early.map { $0.memory.kept(in: copy.earlyRanges, below: copy.memory) } ?? copy.memory
    let memory = ImageBackedMemory(copied, modules: copy.images.modules)
    let registries = copy.tables.map { $0.snapshot(memory: memory) }
    return Snapshot(
      source: .process(stopped: stopped), processID: target.process,
      command: files.executablePath.flatMap { $0.split(separator: "/").last.map(String.init) } ?? target.name,
      threads: copy.threads, mappings: copy.maps.mappings, modules: copy.images.modules.map(\.module),
      registries: registries.map(\.registry), memory: memory,
      problems: copy.images.problems + copy.images.faults + process.problems + copy.problems
        + registries.flatMap(\.problems),
      notes: target.notes + copy.images.notes)
  }

  private func copy(
    _ process: inout StoppedProcess, before: ProcessMaps, _ images: ProcessImages, _ files: ProcessFiles,
    _ early: EarlyCopy?
  ) throws(InspectionError) -> Copy {
    do { try process.stop() } catch {
      throw target.failure(error, reading: "its list of threads", tracer: process.tracer)
    }
    if process.stopped.isEmpty, process.stuck.isEmpty { throw target.exited }
    var problems: [Problem] = []
    let (threads, stacks) = try readThreads(process, &problems)
    let maps = try target.maps()
    // Libraries come and go; nearly always they have not.
    let images =
      maps.files == before.files ? images : ProcessImages(in: maps, files: files, thread: target.thread)

    let memory = ProcessMemory(thread: target.thread)
    let (tables, faults) = RegistryTable.all(at: images.registries, memory: memory)
    problems += faults
    let isEarly =
      early?.holding(tables, of: memory) ?? tables.map { [Bool](repeating: false, count: $0.records.count) }

    do {
      // Hostile records may all have one stack, which was copied once.
      let known = min(Self.liveBytes(tables, where: isEarly), EarlyCopy.limit)
      var plan = StackPlan(
        maps: maps, pageMap: try? PageMap(thread: target.thread),
        limit: StackPlan.totalLimit.saturatingSubtracting(known))
      try addThreads(threads, stacks, to: &plan, tables, memory)
      for (table, isEarly) in zip(tables, isEarly) {
        for (record, isEarly) in zip(table.records, isEarly) where !isEarly {
          plan.add(record, layout: table.head.layout)
        }
        plan.addData(at: table.head.layout.endRecord.saturatingSubtracting(8), size: 24)
      }
      let copied = try memory.copy(plan.merged())
      // A process killed half way through reads as if it had less. It was whole if it stands still yet.
      guard process.isStopped else { throw target.exited }
      return Copy(
        threads: threads, maps: maps, images: images, tables: tables, isEarly: isEarly, memory: copied,
        problems: problems + plan.problems)
    } catch let error as SystemError {
      throw target.failure(error, reading: "its memory")
    } catch {
      throw target.exited
    }
  }

  /// Threads by id, the main thread first, and what is known of the stacks of those that stopped.
  private func readThreads(
    _ process: StoppedProcess, _ problems: inout [Problem]
  ) throws(InspectionError) -> ([ThreadSnapshot], [UserRegisters?]) {
    var threads: [ThreadSnapshot] = []
    var registers: [UserRegisters?] = []
    // The main thread's id is not always the lowest: ids wrap around.
    let ids = (process.stopped.keys + process.stuck).sorted {
      ($0 != target.process ? 1 : 0, $0) < ($1 != target.process ? 1 : 0, $1)
    }
    for id in ids {
      var values: UserRegisters?
      if process.stopped[id] != nil {
        let set: StoppedProcess.RegisterSet?
        do throws(SystemError) {
          set = try process.registers(of: id)
        } catch {
          // It was killed just now.
          if error.number == ESRCH { continue }
          problems.append(Problem("the registers of thread \(id) of \(target.place) are not readable: \(error.text)"))
          set = nil
        }
        switch set {
        case .native(let native): values = native
        case .other:
          throw InspectionError(.otherArchitecture, place: target.place, "it runs 32-bit code, expected 64-bit x86-64")
        case nil: break
        }
      }
      let name = try? ProcFile.name(ofThread: id, of: target.process)
      threads.append(
        ThreadSnapshot(id: id, name: name == target.name ? nil : name, registers: values?.registers, signal: 0))
      registers.append(values)
    }
    if threads.isEmpty { throw target.exited }
    return (threads, registers)
  }

  /// Bytes of the live stacks that `isEarly` marks.
  private static func liveBytes(_ tables: [RegistryTable], where isEarly: [[Bool]]) -> UInt64 {
    var sum: UInt64 = 0
    for (table, isEarly) in zip(tables, isEarly) {
      for (record, isEarly) in zip(table.records, isEarly) where isEarly {
        let live = StackPlan.live(record, table.head.layout)
        sum = sum.saturatingAdding(live.map { $0.upperBound - $0.lowerBound } ?? 0)
      }
    }
    return sum
  }

  private func addThreads(
    _ threads: [ThreadSnapshot], _ registers: [UserRegisters?], to plan: inout StackPlan, _ tables: [RegistryTable],
    _ memory: ProcessMemory
  ) throws(SystemError) {
    let fibers = FiberStacks(tables)
    var bases = StackPlan(maps: plan.maps, pageMap: nil)
    for stack in fibers.stacks where stack.record.isOnThread && fibers.layout(of: stack).hasLink {
      bases.addData(at: stack.record.base, size: 8)
    }
    let links = try memory.copy(bases.merged())
    let mainStack = plan.maps.mappings.first { $0.path == "[stack]" }?.range.lowerBound
    for (thread, values) in zip(threads, registers) {
      guard let values else { continue }
      let home = thread.id == target.process ? mainStack : values.threadPointer
      let stack = ThreadStack(
        thread: thread.id, stackPointer: values.registers.stackPointer, framePointer: values.registers.framePointer,
        home: home)
      plan.add(stack, fibers: fibers) { links.word(at: $0) }
    }
    plan.addUnreached(fibers)
  }
}
