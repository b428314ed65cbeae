/// The notes of a live process and its threads.
struct ProcessNotes {
  private(set) var notes = CoreNoteBytes()
  private(set) var problems: [Problem] = []
  /// Threads with an NT_PRSTATUS.
  private(set) var threads = 0
  /// The auxiliary vector as it lies in /proc/PID/auxv.
  private let auxiliary: [UInt8]

  /// - Parameters:
  ///   - process: its threads stand still.
  ///   - threads: their registers in the order of the core, the thread first that debuggers show first.
  init(
    _ target: ProcessTarget, _ process: StoppedProcess, threads: [(id: Int32, words: [UInt64])], maps: ProcessMaps
  ) throws(SystemError) {
    auxiliary = (try? ProcFile.read("/proc/\(target.thread)/auxv")) ?? []
    for (index, thread) in threads.enumerated() {
      try append(thread.id, thread.words, process)
      // As in the kernel's cores: what belongs to the process comes with the first thread.
      if index == 0 { append(target, maps) }
    }
    if threads.isEmpty { append(target, maps) }
  }

  private mutating func append(_ id: Int32, _ words: [UInt64], _ process: StoppedProcess) throws(SystemError) {
    let floatingPoint = try process.registerSet(CoreNoteType.floatingPoint, of: id)
    let status = ThreadStatus(
      id: id, signal: process.stopped[id] ?? 0, registers: words, hasFloatingPoint: floatingPoint != nil)
    notes.append(CoreNoteType.status, status.bytes)
    if let signal = process.signalInformation(of: id) { notes.append(CoreNoteType.signal, signal) }
    if let floatingPoint { notes.append(CoreNoteType.floatingPoint, floatingPoint) }
    if let extended = try process.registerSet(CoreNoteType.extendedState, of: id) {
      notes.append(CoreNoteType.extendedState, extended)
    }
    threads += 1
  }

  private mutating func append(_ target: ProcessTarget, _ maps: ProcessMaps) {
    notes.append(CoreNoteType.process, ProcessDescription(target).bytes)
    if auxiliary.isEmpty {
      problems.append(
        Problem("/proc/\(target.thread)/auxv is not readable: debuggers may not find the program's libraries"))
    } else {
      notes.append(CoreNoteType.auxiliary, auxiliary)
    }
    notes.append(CoreNoteType.files, Self.files(maps))
  }

  /// NT_FILE: the number of mappings, the unit of offsets, (start, end, offset) of each, and their paths.
  private static func files(_ maps: ProcessMaps) -> [UInt8] {
    let files = maps.mappings.filter { $0.path.hasPrefix("/") }
    var bytes: [UInt8] = []
    bytes.append(littleEndian: UInt64(files.count))
    bytes.append(littleEndian: PageMap.pageSize)
    for file in files {
      bytes.append(littleEndian: file.range.lowerBound)
      bytes.append(littleEndian: file.range.upperBound)
      bytes.append(littleEndian: file.fileOffset / PageMap.pageSize)
    }
    for file in files { bytes += Array(file.path.utf8) + Array((file.isDeleted ? " (deleted)" : "").utf8) + [0] }
    return bytes
  }
}

/// The descriptor of an NT_PRPSINFO note: `struct elf_prpsinfo` of x86-64 (linux/elfcore.h).
struct ProcessDescription {
  private(set) var bytes = [UInt8](repeating: 0, count: 136)

  /// What cannot be read stays 0.
  init(_ target: ProcessTarget) {
    let stat = (try? ProcFile.read("/proc/\(target.process)/stat")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    // Behind the name, which is in parentheses and may hold anything: state, ppid, pgrp, session, ..., nice is the
    // 17th.
    let fields = stat.lastIndex(of: ")").map { stat[stat.index(after: $0)...].split(separator: " ") } ?? []
    func number(_ index: Int) -> Int32 { fields.count > index ? Int32(fields[index]) ?? 0 : 0 }
    let state = fields.first?.utf8.first ?? UInt8(ascii: "?")
    bytes[0] = UInt8("RSDTZW".utf8.enumerated().first { $0.element == state }?.offset ?? 0)
    bytes[1] = state
    bytes[2] = state == UInt8(ascii: "Z") ? 1 : 0
    bytes[3] = UInt8(bitPattern: Int8(clamping: number(16)))
    if let status = try? ProcessStatus(thread: target.thread), let user = status.users.first {
      bytes.set(littleEndian: user, at: 16)
    }
    bytes.set(littleEndian: target.process, at: 24)
    for (index, offset) in [28, 32, 36].enumerated() { bytes.set(littleEndian: number(1 + index), at: offset) }
    set(Array(target.name.utf8), at: 40, room: 16)
    let words = (try? ProcFile.read("/proc/\(target.thread)/cmdline")) ?? []
    set(words.dropLast(words.last == 0 ? 1 : 0).map { $0 == 0 ? UInt8(ascii: " ") : $0 }, at: 56, room: 80)
  }

  private mutating func set(_ text: [UInt8], at offset: Int, room: Int) {
    bytes.replaceSubrange(offset..<offset + min(text.count, room - 1), with: text.prefix(room - 1))
  }
}
