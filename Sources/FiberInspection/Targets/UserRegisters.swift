internal import CallFrameInfo

/// `struct user_regs_struct` of x86-64 (sys/user.h): what PTRACE_GETREGSET and NT_PRSTATUS hold of a thread.
struct UserRegisters {
  /// In bytes.
  static let size = 216
  /// Index of rax, rdx, rcx, rbx, rsi, rdi, rbp, rsp, r8 to r15, rip in the structure.
  private static let order = [10, 12, 11, 5, 13, 14, 4, 19, 9, 8, 7, 6, 3, 2, 1, 0, 16]

  let registers: Registers
  /// The thread pointer: glibc's thread descriptor, which lies at the top of the stack of each thread but the main one.
  let threadPointer: UInt64

  init(registers: Registers, threadPointer: UInt64) {
    self.registers = registers
    self.threadPointer = threadPointer
  }

  /// nil unless there are 27 words.
  init?(_ words: [UInt64]) {
    guard words.count == Self.size / 8 else { return nil }
    registers = Registers(dwarfOrder: Self.order.map { words[$0] })
    threadPointer = words[21]
  }

  /// The 27 words of a structure with these registers: 64-bit code in user mode (the kernel's selectors 0x33 and 0x2b),
  /// and 0 for what is not known.
  static func words(_ registers: Registers, threadPointer: UInt64 = 0) -> [UInt64] {
    var words = [UInt64](repeating: 0, count: size / 8)
    for (index, value) in zip(order, registers.values) { words[index] = value ?? 0 }
    words[17] = 0x33
    words[20] = 0x2b
    words[21] = threadPointer
    return words
  }

  /// nil if there are not 216 bytes.
  init?(bytes: ArraySlice<UInt8>) { self.init(Self.words(bytes)) }

  /// The words among 216 bytes; fewer where there are not so many.
  static func words(_ bytes: some Collection<UInt8>) -> [UInt64] {
    let bytes = Array(bytes.prefix(size))
    return stride(from: 0, to: size, by: 8).compactMap { bytes.littleEndian($0, as: UInt64.self) }
  }
}
