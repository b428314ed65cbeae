internal import CallFrameInfo

/// What the notes of a core have of each thread, whole: `CoreNotes` keeps only what walks need.
struct CoreThreadNotes {
  /// Descriptors of one thread's notes.
  struct Thread {
    /// `user_regs_struct`, of NT_PRSTATUS.
    var general: ArraySlice<UInt8>
    /// NT_PRFPREG: the 512 bytes of `fxsave`.
    var floatingPoint: ArraySlice<UInt8>?
    /// NT_X86_XSTATE: what `xsave` stores.
    var extended: ArraySlice<UInt8>?
    /// NT_SIGINFO.
    var signal: ArraySlice<UInt8>?
  }

  private(set) var threads: [Int32: Thread] = [:]
  /// NT_AUXV, empty if the core has none.
  private(set) var auxiliary: [UInt8] = []

  /// None.
  init() {}

  /// Those of a core. O(size of its notes). What of them is damaged is left out: `CoreNotes` tells.
  init(_ core: CoreFile) {
    var current: Int32?
    _ = core.forEachNote { take($0, &current) }
  }

  /// - Parameter current: the thread that notes belong to: that of the NT_PRSTATUS before them.
  private mutating func take(_ note: Note, _ current: inout Int32?) {
    switch (note.name, note.type) {
    case ("CORE", CoreNoteType.status):
      // struct elf_prstatus: pr_pid at 32, pr_reg at 112.
      let general = note.descriptor.dropFirst(112).prefix(UserRegisters.size)
      guard let id: Int32 = note.descriptor.littleEndian(32), general.count == UserRegisters.size,
        threads[id] == nil
      else { return current = nil }
      current = id
      threads[id] = Thread(general: general)
    case ("CORE", CoreNoteType.floatingPoint): if let current { threads[current]?.floatingPoint = note.descriptor }
    case ("LINUX", CoreNoteType.extendedState): if let current { threads[current]?.extended = note.descriptor }
    case ("CORE", CoreNoteType.signal): if let current { threads[current]?.signal = note.descriptor }
    case ("CORE", CoreNoteType.auxiliary): auxiliary = Array(note.descriptor)
    default: break
    }
  }
}
