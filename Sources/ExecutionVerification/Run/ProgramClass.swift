internal import Glibc

/// What kind of program a process executes.
enum ProgramClass {
  /// Its file has 32-bit code (e_ident[EI_CLASS], elf.h); false where it cannot be read.
  static func is32Bit(thread: Int32) -> Bool {
    let file = unsafe open("/proc/\(thread)/exe", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 5)
    return unsafe pread(file, &bytes, bytes.count, 0) == bytes.count && bytes == [0x7f, 0x45, 0x4c, 0x46, 1]
  }
}
