internal import CallFrameInfo

/// What the notes of a core say (linux/elfcore.h; the kernel's fs/binfmt_elf.c and gdb's gcore write them).
struct CoreNotes {
  /// NT_PRSTATUS.
  struct Thread {
    let id: Int32
    let signal: Int32
    let registers: Registers
    /// See `UserRegisters`.
    let threadPointer: UInt64
  }
  /// An entry of NT_FILE.
  struct File {
    let range: Range<UInt64>
    let offset: UInt64
    let path: String
    let isDeleted: Bool
  }
  /// In the core's order: the kernel puts the thread that got the signal first.
  private(set) var threads: [Thread] = []
  private(set) var processID: Int32?
  /// At most 15 bytes of the program's name.
  private(set) var command: String?
  /// By ascending address.
  private(set) var files: [File] = []
  /// Values by type (AT_PHDR 3, AT_ENTRY 9, AT_SYSINFO_EHDR 33).
  private(set) var auxiliary: [UInt64: UInt64] = [:]
  private(set) var problems: [Problem] = []
  /// Notes that are too short, by what they are called: how many, and the size of the first.
  private var malformed: [String: (count: Int, size: Int)] = [:]

  /// Threads that stand for fibers: not among `threads`.
  private(set) var fiberThreads: Set<Int32> = []

  init(_ core: CoreFile) {
    let isWhole = core.forEachNote(
      { read($0) }, failure: { problems.append(Problem("\($0): threads or files may be missing")) })
    if !isWhole {
      problems.append(Problem("\(core.path): it has too many notes to read them all: threads or files may be missing"))
    }
    threads.removeAll { fiberThreads.contains($0.id) }
    for (what, (count, size)) in malformed.sorted(by: { $0.key < $1.key }) {
      let others = count > 1 ? " (and \(count - 1) more)" : ""
      problems.append(Problem("\(core.path): its \(what) note of \(size) bytes is too short: skipped\(others)"))
    }
    files.sort { $0.range.lowerBound < $1.range.lowerBound }
    if threads.isEmpty {
      problems.append(Problem("\(core.path): there is no thread in it (no NT_PRSTATUS note): only fibers are shown"))
    }
  }

  private mutating func read(_ note: Note) {
    if note.isFiberThreadTable { return readFibers(note) }
    guard note.name == "CORE" else { return }
    func tooShort(_ what: String) { malformed[what, default: (0, note.descriptor.count)].count += 1 }
    switch note.type {
    case CoreNoteType.status:
      // struct elf_prstatus: pr_cursig at 12, pr_pid at 32, pr_reg at 112.
      guard let signal: Int16 = note.descriptor.littleEndian(12), let id: Int32 = note.descriptor.littleEndian(32),
        let values = UserRegisters(bytes: note.descriptor.dropFirst(112))
      else { return tooShort("NT_PRSTATUS") }
      // The kernel writes the signal that ended the process into every thread's note.
      threads.append(
        Thread(
          id: id, signal: threads.isEmpty ? Int32(signal) : 0, registers: values.registers,
          threadPointer: values.threadPointer))
    case CoreNoteType.process:
      // struct elf_prpsinfo: pr_pid at 24, pr_fname at 40, 16 bytes.
      guard let id: Int32 = note.descriptor.littleEndian(24), note.descriptor.count >= 56 else {
        return tooShort("NT_PRPSINFO")
      }
      processID = id
      command = String(decoding: note.descriptor.dropFirst(40).prefix(16).prefix { $0 != 0 }, as: UTF8.self)
    case CoreNoteType.auxiliary:
      auxiliary = AuxiliaryVector.values(note.descriptor)
    case CoreNoteType.files:
      if !readFiles(note.descriptor) { tooShort("NT_FILE") }
    default: break
    }
  }

  private mutating func readFibers(_ note: Note) {
    guard let table = FiberThreadTable(note.descriptor) else {
      problems.append(
        Problem(
          "the note that tells fibers from threads is damaged, or newer than this fibertrace: fibers are shown as threads"
        ))
      return
    }
    fiberThreads.formUnion(table.entries.lazy.map(\.thread))
  }

  /// Count, page size, that many (start, end, offset in pages), that many NUL-terminated paths. False if it ends before
  /// that.
  private mutating func readFiles(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard let count: UInt64 = bytes.littleEndian(0), let pageSize: UInt64 = bytes.littleEndian(8),
      count <= UInt64(bytes.count) / 24
    else { return false }
    let table = 16 + Int(count) * 24
    guard table <= bytes.count else { return false }
    var names = bytes.dropFirst(table)
    for index in 0..<Int(count) {
      guard let end = names.firstIndex(of: 0) else { return false }
      var path = String(decoding: names[..<end], as: UTF8.self)
      names = names[(end + 1)...]
      let offset = 16 + index * 24
      guard let low: UInt64 = bytes.littleEndian(offset), let high: UInt64 = bytes.littleEndian(offset + 8),
        let page: UInt64 = bytes.littleEndian(offset + 16)
      else { return false }
      let (fileOffset, overflow) = page.multipliedReportingOverflow(by: pageSize)
      guard low < high, !overflow else { continue }
      let isDeleted = path.hasSuffix(" (deleted)")
      if isDeleted { path.removeLast(" (deleted)".utf8.count) }
      files.append(File(range: low..<high, offset: fileOffset, path: path, isDeleted: isDeleted))
    }
    return true
  }
}
