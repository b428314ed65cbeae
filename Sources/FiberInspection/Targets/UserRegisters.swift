internal import CallFrameInfo

/// `struct user_regs_struct` of x86-64 (sys/user.h): what PTRACE_GETREGSET and NT_PRSTATUS hold of a thread.
struct UserRegisters {
  /// In bytes.
  static let size = 216

  let registers: Registers
  /// The thread pointer: glibc's thread descriptor, which lies at the top of the stack of each thread but the main one.
  let threadPointer: UInt64

  /// nil unless there are 27 words.
  init?(_ words: [UInt64]) {
    guard words.count == Self.size / 8 else { return nil }
    // Index of rax, rdx, rcx, rbx, rsi, rdi, rbp, rsp, r8 to r15, rip in the structure.
    let order = [10, 12, 11, 5, 13, 14, 4, 19, 9, 8, 7, 6, 3, 2, 1, 0, 16]
    registers = Registers(dwarfOrder: order.map { words[$0] })
    threadPointer = words[21]
  }

  /// nil if there are not 216 bytes.
  init?(bytes: ArraySlice<UInt8>) {
    let words = stride(from: 0, to: Self.size, by: 8).compactMap { bytes.littleEndian($0, as: UInt64.self) }
    self.init(words)
  }
}
