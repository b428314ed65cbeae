internal import Glibc

/// Files of /proc.
enum ProcFile {
  /// All bytes of the file at `path`.
  static func read(_ path: String) throws(SystemError) -> [UInt8] {
    try OpenFile.open(path).contents()
  }

  /// The name of a thread, which may hold anything, newlines too. (/proc/PID/status has it escaped.)
  static func name(ofThread thread: Int32, of process: Int32) throws(SystemError) -> String {
    let bytes = try read("/proc/\(process)/task/\(thread)/comm")
    return String(decoding: bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...], as: UTF8.self)
  }

  /// Where a symbolic link leads.
  static func link(_ path: String) throws(SystemError) -> String {
    var count = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, initialized in
      count = unsafe buffer.withMemoryRebound(to: CChar.self) { text in
        guard let start = text.baseAddress else { return -1 }
        return unsafe readlink(path, start, text.count)
      }
      initialized = max(count, 0)
    }
    _ = try SystemError.check(count)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The numbers among the names in a directory: processes of /proc, threads of /proc/PID/task. Ascending.
  static func numbers(in path: String) throws(SystemError) -> [Int32] {
    guard let directory = unsafe opendir(path) else { throw SystemError(number: errno) }
    defer { unsafe _ = closedir(directory) }
    var numbers: [Int32] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(directory) else {
        if errno != 0 { throw SystemError(number: errno) }
        return numbers.sorted()
      }
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if let number = Int32(name) { numbers.append(number) }
    }
  }
}
