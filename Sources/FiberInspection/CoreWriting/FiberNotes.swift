internal import CallFrameInfo

/// What a core says of its fibers: an NT_PRSTATUS for each, and the table that tells them from threads.
///
/// A walk of such a thread begins where a walk of the fiber does, and goes on to its resumer by the call frame
/// information of the switch alone. Registers that are not known there are 0; rows of the switch declare them lost, so
/// that no debugger derives a variable from them. The thread pointer (fs_base) of a fiber that runs is its thread's; of
/// every other it is 0: which thread resumes it next, nothing tells, and a debugger that evaluated a thread-local
/// variable by a guess would show another thread's.
struct FiberNotes {
  private(set) var notes = CoreNoteBytes()
  /// Fibers that are threads.
  private(set) var count = 0
  let problems: [Problem]
  let remarks: [Problem]

  /// - Parameters:
  ///   - snapshot: of the core.
  ///   - threads: the notes of the core's own threads.
  init(of snapshot: Snapshot, threads: ThreadNotes) {
    let debugged = snapshot.debuggerThreads()
    problems = debugged.problems
    remarks = debugged.notes
    var table: [FiberThreadTable.Entry] = []
    for thread in debugged.all {
      guard case .fiber(let fiber, _) = thread.subject, let registers = thread.registers else { continue }
      let owner = thread.registerOwner(in: snapshot).flatMap { threads.sets[$0] }
      if let owner, let status = ThreadStatus(owner.status, as: thread.id) {
        notes.append(CoreNoteType.status, status.bytes)
        for set in owner.others { notes.append(set) }
      } else {
        let words = UserRegisters.words(registers)
        let status = ThreadStatus(id: thread.id, signal: 0, registers: words, hasFloatingPoint: false)
        notes.append(CoreNoteType.status, status.bytes)
      }
      table.append(
        FiberThreadTable.Entry(
          thread: thread.id, registry: snapshot.registries[fiber.registry].address, fiber: fiber.id))
    }
    count = table.count
    if !table.isEmpty {
      notes.append(FiberThreadTable.noteName, FiberThreadTable.noteType, FiberThreadTable(table).descriptor)
    }
  }
}

/// The notes of a core without those of fibers: as they were read, and each thread's sets of registers.
struct ThreadNotes {
  /// The registers of a thread.
  struct Sets {
    let status: ArraySlice<UInt8>
    /// NT_PRFPREG and NT_X86_XSTATE.
    var others: [Note] = []
  }

  private(set) var notes = CoreNoteBytes()
  /// By thread.
  private(set) var sets: [Int32: Sets] = [:]
  /// Threads in the notes.
  private(set) var count = 0
  private(set) var isCut = false

  /// - Parameter fibers: threads that are fibers: their notes are left out.
  /// - Complexity: O(size of the notes).
  init(_ core: CoreFile, fibers: Set<Int32>) {
    var current: Int32?
    isCut = !core.forEachNote { note in
      if note.isFiberThreadTable { return }
      if note.name == "CORE", note.type == CoreNoteType.status {
        let id: Int32? = note.descriptor.littleEndian(32)
        current = id
        if let id, !fibers.contains(id) {
          count += 1
          if sets[id] == nil { sets[id] = Sets(status: note.descriptor) }
        }
      } else if let current, note.isRegisterSet {
        sets[current]?.others.append(note)
      }
      // Sets of registers follow the thread they belong to.
      if let current, fibers.contains(current), note.type == CoreNoteType.status || note.isRegisterSet { return }
      notes.append(note)
    }
  }
}

extension Note {
  /// It holds registers besides the general ones.
  fileprivate var isRegisterSet: Bool {
    name == "CORE" && type == CoreNoteType.floatingPoint || name == "LINUX" && type == CoreNoteType.extendedState
  }
}
