extension FiberStack {
  /// What keeps a stack that overflows from the memory below it: 64 KiB that no one can touch.
  public enum Guard: Sendable, Hashable {
    /// ``mapping``, and ``lightweight`` from the 16,385th stack of the process on, where the system has it.
    case automatic
    /// A mapping without access. Works everywhere, and every debugger's core keeps such a stack.
    ///
    /// A stack takes two mappings, and Linux allows a process 65,530 (`vm.max_map_count`): about 32,700 stacks.
    case mapping
    /// Marks in the page table (`MADV_GUARD_INSTALL`), which take no mapping: stacks next to one another share one.
    ///
    /// For any number of stacks. Needs Linux 6.13 and memory that is not locked (`mlockall`). The kernel's own cores
    /// keep such a stack; cores of gdb's `gcore`, at least up to gdb 13.1, have zeros in its place.
    case lightweight
  }
}
