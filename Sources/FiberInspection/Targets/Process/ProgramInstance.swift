internal import CallFrameInfo

/// Tells the program that a process runs from one that it executes later, be it the same file at the same addresses: by the
/// auxiliary vector, and the 16 random bytes that the kernel gives to each (AT_RANDOM, getauxval(3)).
struct ProgramInstance: Equatable {
  private static let randomBytes: UInt64 = 25

  private let auxiliary: [UInt8]
  private let random: [UInt8]

  /// nil if the kernel does not tell.
  init?(memory: ProcessMemory) {
    guard let auxiliary = try? ProcFile.read("/proc/\(memory.thread)/auxv") else { return nil }
    for offset in stride(from: 0, through: auxiliary.count - 16, by: 16) {
      guard let key: UInt64 = auxiliary.littleEndian(offset), key == Self.randomBytes,
        let address: UInt64 = auxiliary.littleEndian(offset + 8)
      else { continue }
      let random = memory.bytes(at: address, count: 16)
      guard random.count == 16 else { return nil }
      self.auxiliary = auxiliary
      self.random = random
      return
    }
    return nil
  }
}
