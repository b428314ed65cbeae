internal import Glibc

/// The steps of writing a process's core, in their order: look, stop, write memory, let go, find the fibers in what was
/// written, write their notes.
struct ProcessCore {
  let target: ProcessTarget
  let output: CoreOutput
  let contents: FiberCore.Contents
  let progress: (FiberCore.Progress) -> Void

  /// What was written while the process stood still.
  private struct Copy {
    let layout: CoreLayout
    let notes: ProcessNotes
    let maps: ProcessMaps
    let images: ProcessImages
    let problems: [Problem]
    let remarks: [Problem]
  }

  func write() throws(InspectionError) -> FiberCore.Summary {
    // Files are opened and flags read while the process runs: it stands still for the copy alone.
    let files = ProcessFiles(target)
    let maps = try target.maps()
    let images = ProcessImages(in: maps, files: files, thread: target.thread)
    var problems: [Problem] = []
    let flags = mappingFlags(&problems)

    var process = StoppedProcess(process: target.process)
    let result: Result<Copy, InspectionError>
    do {
      result = .success(try copy(&process, before: maps, images, files, flags))
    } catch {
      result = .failure(error)
    }
    let stopped = process.resume()
    let copy = try result.get()

    let noteBytes = copy.notes.notes.bytes
    try output.write(noteBytes, at: copy.layout.notes)
    try output.write(copy.layout.headers(noteSize: noteBytes.count), at: 0)
    try output.setSize(copy.layout.notes + UInt64(noteBytes.count))

    let core = try CoreFile(
      PagedFile(output.file, size: copy.layout.notes + UInt64(noteBytes.count)), path: output.file.path)
    let notes = CoreNotes(core)
    let snapshot = Snapshot(
      core, notes, copy.maps.mappings, copy.images.modules, programPath: files.executablePath,
      // What is wrong with registries is found anew in the core.
      problems: copy.images.problems, notes: copy.images.notes)
    let fibers = FiberNotes(of: snapshot, threads: ThreadNotes(core, fibers: []))
    let size = copy.layout.notes + UInt64(noteBytes.count + fibers.notes.bytes.count)
    try output.write(fibers.notes.bytes, at: copy.layout.notes + UInt64(noteBytes.count))
    try output.write(copy.layout.headers(noteSize: noteBytes.count + fibers.notes.bytes.count), at: 0)
    return FiberCore.Summary(
      size: size, written: output.written, threads: copy.notes.threads, fibers: fibers.count, stopped: stopped,
      problems: problems + process.problems + copy.problems + copy.notes.problems + snapshot.problems + fibers.problems,
      notes: target.notes + snapshot.notes + copy.remarks + fibers.remarks)
  }

  private func mappingFlags(_ problems: inout [Problem]) -> MappingFlags {
    guard contents == .memory else { return MappingFlags() }
    do {
      return try MappingFlags(thread: target.thread)
    } catch {
      problems.append(
        Problem(
          "/proc/\(target.thread)/smaps is not readable: \(error.text): memory that the program leaves out was taken too"
        ))
      return MappingFlags()
    }
  }

  private func copy(
    _ process: inout StoppedProcess, before: ProcessMaps, _ images: ProcessImages, _ files: ProcessFiles,
    _ flags: MappingFlags
  ) throws(InspectionError) -> Copy {
    do { try process.stop() } catch {
      throw target.failure(error, reading: "its list of threads", tracer: process.tracer)
    }
    if process.stopped.isEmpty { throw target.exited }
    let maps = try target.maps()
    let images =
      maps.files == before.files ? images : ProcessImages(in: maps, files: files, thread: target.thread)
    let memory = ProcessMemory(thread: target.thread)
    do {
      let threads = try threads(of: process)
      let notes = try ProcessNotes(target, process, threads: threads, maps: maps)
      let tables = RegistryTable.all(at: images.registries, memory: memory).tables
      let pages = try PageMap(thread: target.thread)
      let selection: MemorySelection
      switch contents {
      case .memory:
        let stacks = FiberStacks(tables).stacks.map(\.range)
        selection = MemorySelection(
          maps: maps, flags: flags, pages: pages, shared: SharedPages(thread: target.thread), stacks: stacks)
      case .stacks:
        let stacks = StackSelection(
          maps: maps, tables: tables,
          threads: threads.compactMap { id, words in UserRegisters(words).map { (id, $0) } },
          modules: images.modules, auxiliary: CoreAuxiliary(thread: target.thread), memory: memory, pageMap: pages,
          isModified: { MemorySelection.isModified($0, pages) },
          existing: { MemorySelection.existing(in: $0, pages) ?? [$0] })
        selection = MemorySelection(stacks)
      }
      let layout = CoreLayout(selection.segments)
      let unreadable = try write(selection, layout)
      // A process killed half way through reads as if it had less. It was whole if it stands still yet.
      guard process.isStopped else { throw target.exited }
      return Copy(
        layout: layout, notes: notes, maps: maps, images: images, problems: selection.problems,
        remarks: Self.remarks(unreadable))
    } catch let error as SystemError {
      throw target.failure(error, reading: "its memory")
    } catch let error as InspectionError {
      throw error
    } catch {
      throw target.exited
    }
  }

  /// Bytes between two words of progress at most: a debugger that waits for a copy is kept waiting by them.
  private static let progressStep: UInt64 = 1 << 26

  /// Streams what is selected. Answers how many pages could not be read.
  private func write(_ selection: MemorySelection, _ layout: CoreLayout) throws -> Int {
    var stream = UnsafeMemoryStream(thread: target.thread, output: output)
    let total = selection.size
    var memory: OpenFile?
    for parts in selection.parts {
      let segment = layout.segments[parts.segment]
      for range in parts.ranges {
        let offset = layout.offsets[parts.segment] + (range.lowerBound - segment.range.lowerBound)
        for piece in UnsafeMemoryStream.Piece(range: range, offset: offset).parts(of: Self.progressStep) {
          if parts.isReadable {
            try stream.add(piece)
          } else {
            let file = try memory ?? OpenFile.open("/proc/\(target.thread)/mem")
            memory = file
            try stream.addUnreadable(piece, by: file)
          }
          progress(FiberCore.Progress(done: stream.done, total: total))
        }
      }
    }
    try stream.flush()
    return stream.unreadable
  }

  private static func remarks(_ unreadable: Int) -> [Problem] {
    guard unreadable > 0 else { return [] }
    return [
      Problem(
        "\(unreadable) pages could not be read and are zeros in the core: guards, which Linux tells apart since 6.15, or "
          + "pages behind the end of a mapped file")
    ]
  }

  /// The registers of threads that stand still, the main thread first.
  private func threads(of process: StoppedProcess) throws -> [(id: Int32, words: [UInt64])] {
    var threads: [(id: Int32, words: [UInt64])] = []
    let ids = process.stopped.keys.sorted {
      ($0 != target.process ? 1 : 0, $0) < ($1 != target.process ? 1 : 0, $1)
    }
    for id in ids {
      guard let bytes = try process.registerSet(CoreNoteType.status, of: id) else { continue }
      guard bytes.count == UserRegisters.size else {
        throw InspectionError(.otherArchitecture, place: target.place, "it runs 32-bit code, expected 64-bit x86-64")
      }
      threads.append((id, UserRegisters.words(bytes)))
    }
    if threads.isEmpty { throw target.exited }
    return threads
  }
}
