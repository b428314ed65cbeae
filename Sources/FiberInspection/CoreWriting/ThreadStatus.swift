internal import CallFrameInfo

/// The descriptor of an NT_PRSTATUS note: `struct elf_prstatus` of x86-64 (linux/elfcore.h).
///
/// Times, and masks and sets of signals are 0: readers of cores show registers, and gcore leaves them out as well.
struct ThreadStatus {
  /// In bytes.
  static let size = 336
  private static let numberOffset = 0
  private static let signalOffset = 12
  private static let idOffset = 32
  private static let registersOffset = 112
  private static let floatingPointOffset = 328

  private(set) var bytes: [UInt8]

  /// - Parameters:
  ///   - signal: what ended or stopped it, 0 for nothing.
  ///   - registers: the 27 words of `struct user_regs_struct`.
  ///   - hasFloatingPoint: an NT_PRFPREG note follows.
  init(id: Int32, signal: Int32, registers: [UInt64], hasFloatingPoint: Bool) {
    bytes = [UInt8](repeating: 0, count: Self.size)
    bytes.set(littleEndian: signal, at: Self.numberOffset)
    bytes.set(littleEndian: Int16(truncatingIfNeeded: signal), at: Self.signalOffset)
    bytes.set(littleEndian: id, at: Self.idOffset)
    for (index, word) in registers.prefix(UserRegisters.size / 8).enumerated() {
      bytes.set(littleEndian: word, at: Self.registersOffset + 8 * index)
    }
    bytes.set(littleEndian: Int32(hasFloatingPoint ? 1 : 0), at: Self.floatingPointOffset)
  }

  /// Another thread with the registers of the one that a note shows; nil if the note is too short.
  init?(_ descriptor: some Collection<UInt8>, as id: Int32) {
    guard descriptor.count >= Self.size else { return nil }
    bytes = Array(descriptor)
    bytes.set(littleEndian: Int32(0), at: Self.numberOffset)
    bytes.set(littleEndian: Int16(0), at: Self.signalOffset)
    bytes.set(littleEndian: id, at: Self.idOffset)
  }
}
