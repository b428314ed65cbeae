internal import CallFrameInfo

/// Values of the auxiliary vector that lead to memory a debugger reads (getauxval(3)).
struct CoreAuxiliary {
  /// AT_PHDR: the program's headers.
  let programHeaders: UInt64?
  /// AT_RANDOM: 16 bytes near the top of the main thread's stack.
  let random: UInt64?

  /// Of a live process; nothing if the kernel does not tell.
  init(thread: Int32) {
    let bytes = (try? ProcFile.read("/proc/\(thread)/auxv")) ?? []
    var values: [UInt64: UInt64] = [:]
    for offset in stride(from: 0, through: bytes.count - 16, by: 16) {
      guard let key: UInt64 = bytes.littleEndian(offset), let value: UInt64 = bytes.littleEndian(offset + 8) else {
        break
      }
      values[key] = value
    }
    self.init(values)
  }

  /// - Parameter values: by type.
  init(_ values: [UInt64: UInt64]) {
    programHeaders = values[3]
    random = values[25]
  }
}
