internal import FiberInspection

/// `__jit_debug_descriptor`, by which a program tells debuggers of code that it made (gdb manual, "JIT Compilation Interface").
struct JitDescriptor {
  /// Entries beyond so many are not read: the list may have no end.
  static let mostEntries = 1 << 20

  /// What the call of `__jit_debug_register_code` is for.
  enum Action: UInt32 {
    case none = 0
    case register = 1
    case unregister = 2
  }

  let action: Action
  /// Address of the entry that the action is about.
  let relevantEntry: UInt64
  /// Address of the first entry, 0 for none.
  let firstEntry: UInt64

  /// - Returns: nil where there is no descriptor, of another version than 1, or it wants something else.
  init?(at address: UInt64, memory: any MemoryReader) {
    // uint32_t version, action_flag; struct jit_code_entry *relevant_entry, *first_entry.
    guard let head = memory.word(at: address), let relevant = memory.word(at: address &+ 8),
      let first = memory.word(at: address &+ 16), UInt32(truncatingIfNeeded: head) == 1,
      let action = Action(rawValue: UInt32(head >> 32))
    else { return nil }
    self.action = action
    relevantEntry = relevant
    firstEntry = first
  }

  /// A `jit_code_entry`: an ELF image in the process.
  struct Entry {
    let address: UInt64
    let next: UInt64
    let imageAddress: UInt64
    let imageSize: UInt64

    /// - Returns: nil where it cannot be read.
    init?(at address: UInt64, memory: any MemoryReader) {
      // struct jit_code_entry *next, *prev; const char *symfile_addr; uint64_t symfile_size.
      guard let next = memory.word(at: address), let image = memory.word(at: address &+ 16),
        let size = memory.word(at: address &+ 24)
      else { return nil }
      self.address = address
      self.next = next
      imageAddress = image
      imageSize = size
    }
  }
}
