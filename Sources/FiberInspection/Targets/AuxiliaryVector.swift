internal import CallFrameInfo

/// What the kernel tells a program when it starts, as /proc/PID/auxv and NT_AUXV have it (getauxval(3)).
enum AuxiliaryVector {
  /// AT_PHDR: the program's headers.
  static let programHeaders: UInt64 = 3
  /// AT_ENTRY: where the program begins.
  static let entry: UInt64 = 9
  /// AT_RANDOM: 16 bytes near the top of the main thread's stack.
  static let random: UInt64 = 25

  /// The values by type, up to AT_NULL. O(size).
  static func values(_ bytes: ArraySlice<UInt8>) -> [UInt64: UInt64] {
    var values: [UInt64: UInt64] = [:]
    for offset in stride(from: 0, through: bytes.count - 16, by: 16) {
      guard let key: UInt64 = bytes.littleEndian(offset), key != 0,
        let value: UInt64 = bytes.littleEndian(offset + 8)
      else { break }
      values[key] = value
    }
    return values
  }
}
