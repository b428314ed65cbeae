internal import CallFrameInfo

/// Tells the program that a process runs from one that it executes later, be it the same file at the same addresses: by the
/// auxiliary vector, and the 16 random bytes that the kernel gives to each (AT_RANDOM, getauxval(3)).
struct ProgramInstance: Equatable {
  private let auxiliary: [UInt8]
  private let random: [UInt8]

  /// nil if the kernel does not tell.
  init?(memory: ProcessMemory) {
    guard let auxiliary = try? ProcFile.read("/proc/\(memory.thread)/auxv") else { return nil }
    guard let address = AuxiliaryVector.values(auxiliary[...])[AuxiliaryVector.random] else { return nil }
    let random = memory.bytes(at: address, count: 16)
    guard random.count == 16 else { return nil }
    self.auxiliary = auxiliary
    self.random = random
  }
}
