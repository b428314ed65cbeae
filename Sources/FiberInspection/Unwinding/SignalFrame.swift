/// What the kernel puts on the stack of a signal handler, from its `struct ucontext` on: there rsp points in the trampoline
/// that the handler returns to. `uc_mcontext` is `struct sigcontext` of arch/x86/include/uapi/asm/sigcontext.h.
enum SignalFrame {
  /// Offset of `uc_mcontext`, after uc_flags, uc_link and uc_stack.
  private static let context: UInt64 = 40
  static let programCounterOffset = context + 16 * 8
  static let trapOffset = context + 20 * 8
  static let faultAddressOffset = context + 22 * 8

  /// The address of the page fault that interrupted frame `number` of a walk, or of that thread's last one before another
  /// signal did; nil if there was none, as far as `memory` shows: the frame before must lead to the very pc.
  ///
  /// The signal's own number is not there: without SA_SIGINFO the kernel does not write it.
  static func faultAddress(interrupting number: Int, of walk: Walk, memory: any MemoryReader) -> UInt64? {
    let pageFault: UInt64 = 14
    guard number > 0, let uc = walk.frames[number - 1].stackPointer,
      memory.word(at: uc &+ programCounterOffset) == walk.frames[number].programCounter.address,
      memory.word(at: uc &+ trapOffset) == pageFault
    else { return nil }
    return memory.word(at: uc &+ faultAddressOffset)
  }
}
