internal import CallFrameInfo

/// Makes a core with fibers as threads of another core.
struct CoreOfCore {
  let core: CoreFile
  let executable: String?
  let sysroot: String?
  let output: CoreOutput
  let progress: (FiberCore.Progress) -> Void

  /// What is in the core: its process, the notes of its threads, and those of its fibers.
  private struct Reading {
    let snapshot: Snapshot
    let modules: [FoundModule]
    let notes: CoreNotes
    let threads: ThreadNotes
    let fibers: FiberNotes

    init(_ core: CoreFile, executable: String?, sysroot: String?) {
      notes = CoreNotes(core)
      (snapshot, modules) = Snapshot.load(core, notes, executable: executable, sysroot: sysroot)
      threads = ThreadNotes(core, fibers: notes.fiberThreads)
      fibers = FiberNotes(of: snapshot, threads: threads)
    }

    var bytes: [UInt8] { threads.notes.bytes + fibers.notes.bytes }
  }

  /// Copies the file as it is and puts new notes behind it: offsets stay, and so do holes.
  func copy() throws(InspectionError) -> FiberCore.Summary {
    guard let place = core.segments.firstIndex(where: { $0.kind == .note }) else {
      throw InspectionError(
        .malformedCore, place: core.path,
        "a core without notes (PT_NOTE): there are no threads in it and no room for fibers")
    }
    let reading = Reading(core, executable: executable, sysroot: sysroot)
    // Old notes at the file's end give way. Where the file is cut, notes must not take the place of what is missing.
    let isLast =
      core.segments.count { $0.kind == .note } == 1 && core.missing.bytes == 0
      && core.segments[place].fileRange?.upperBound == core.bytes.size
    let kept = isLast ? core.segments[place].fileOffset : core.bytes.size
    try output.copy(core.bytes.file, 0..<kept) { progress(FiberCore.Progress(done: $0, total: kept)) }
    let start = (kept + 3) & ~3
    let bytes = reading.bytes
    try output.write(bytes, at: start)
    try output.write(programHeaders(notes: place, at: start, size: bytes.count), at: core.header.programHeaderOffset)
    try output.setSize(start + UInt64(bytes.count))
    return summary(reading, size: start + UInt64(bytes.count), problems: [])
  }

  /// The program headers with one segment of notes, and none that reaches beyond what the file has.
  private func programHeaders(notes place: Int, at start: UInt64, size: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    for (index, segment) in core.segments.enumerated() {
      if index == place {
        CoreLayout.append(
          to: &bytes, kind: segment.kind.rawValue, flags: 0, offset: start, address: 0, fileSize: UInt64(size),
          memorySize: 0,
          alignment: 4)
      } else {
        // PT_NULL for other notes, which are in the first segment now.
        let known = min(segment.fileSize, core.bytes.size.saturatingSubtracting(segment.fileOffset))
        CoreLayout.append(
          to: &bytes, kind: segment.kind == .note ? 0 : segment.kind.rawValue, flags: segment.flags,
          offset: segment.fileOffset, address: segment.virtualAddress, fileSize: known, memorySize: segment.memorySize,
          alignment: segment.alignment)
      }
      bytes += [UInt8](repeating: 0, count: Int(core.header.programHeaderSize) - Int(ProgramHeader.size))
    }
    return bytes
  }

  /// Writes stacks and what belongs to them alone.
  func writeStacks() throws(InspectionError) -> FiberCore.Summary {
    let reading = Reading(core, executable: executable, sysroot: sysroot)
    let locations = reading.snapshot.registries.map { RegistryLocation(address: $0.address, modulePath: $0.modulePath) }
    let known = ProcessMaps(readable: known(reading.snapshot.mappings))
    let stacks = StackSelection(
      maps: known,
      tables: RegistryTable.all(at: locations, memory: reading.snapshot.memory).tables,
      threads: reading.notes.threads.map {
        ($0.id, UserRegisters(registers: $0.registers, threadPointer: $0.threadPointer))
      }, modules: reading.modules, auxiliary: CoreAuxiliary(reading.notes.auxiliary), memory: reading.snapshot.memory,
      pageMap: nil, isModified: { _ in true }, existing: { range in Self.clamped(range, to: known.readable) })
    let selection = MemorySelection(stacks)
    let layout = CoreLayout(selection.segments)
    let memory = CoreMemory(core)
    let total = selection.size
    var done: UInt64 = 0
    for parts in selection.parts {
      for range in parts.ranges {
        var position = memory.firstData(from: range.lowerBound, below: range.upperBound)
        while position < range.upperBound {
          let bytes = memory.bytes(at: position, count: Int(min(1 << 20, range.upperBound - position)))
          // The file is shorter than it was.
          if bytes.isEmpty { break }
          try output.writeSparsely(bytes, at: layout.offsets[parts.segment] + (position - range.lowerBound))
          position = memory.firstData(from: position + UInt64(bytes.count), below: range.upperBound)
        }
        done += range.upperBound - range.lowerBound
        progress(FiberCore.Progress(done: done, total: total))
      }
    }
    let bytes = reading.bytes
    try output.write(bytes, at: layout.notes)
    try output.write(layout.headers(noteSize: bytes.count), at: 0)
    return summary(reading, size: layout.notes + UInt64(bytes.count), problems: selection.problems)
  }

  /// The mappings as far as the core has their memory. By ascending address, disjoint: a damaged core's may overlap.
  private func known(_ mappings: [Mapping]) -> [Mapping] {
    let sizes = Dictionary(
      core.segments.lazy.filter { $0.kind == .load }.map {
        ($0.virtualAddress, min($0.fileSize, $0.memorySize, core.bytes.size.saturatingSubtracting($0.fileOffset)))
      }, uniquingKeysWith: { max($0, $1) })
    var result: [Mapping] = []
    for var mapping in mappings {
      let end = min(
        mapping.range.upperBound, mapping.range.lowerBound.saturatingAdding(sizes[mapping.range.lowerBound, default: 0])
      )
      guard mapping.range.lowerBound < end, mapping.range.lowerBound >= result.last?.range.upperBound ?? 0 else {
        continue
      }
      mapping.range = mapping.range.lowerBound..<end
      result.append(mapping)
    }
    return result
  }

  /// The parts of `range` in `others`, which ascend and are disjoint. O(log n + parts).
  private static func clamped(_ range: Range<UInt64>, to others: [Range<UInt64>]) -> [Range<UInt64>] {
    var index = max(0, others.firstIndexAbove(range.lowerBound, by: \.lowerBound) - 1)
    var result: [Range<UInt64>] = []
    while index < others.count, others[index].lowerBound < range.upperBound {
      let part = others[index].clamped(to: range)
      if !part.isEmpty { result.append(part) }
      index += 1
    }
    return result
  }

  private func summary(_ reading: Reading, size: UInt64, problems: [Problem]) -> FiberCore.Summary {
    let cut =
      reading.threads.isCut ? [Problem("\(core.path): it has too many notes: not all of them were taken over")] : []
    return FiberCore.Summary(
      size: size, written: output.written, threads: reading.threads.count, fibers: reading.fibers.count, stopped: nil,
      problems: reading.snapshot.problems + cut + reading.fibers.problems + problems,
      notes: reading.snapshot.notes + reading.fibers.remarks)
  }
}
