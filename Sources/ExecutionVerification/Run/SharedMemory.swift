internal import CProcess
internal import Glibc

/// Processes that have one address space.
enum SharedMemory {
  /// The other processes that have the memory of this one.
  ///
  /// - Parameter thread: one of it that lives.
  static func processes(with thread: Int32, of process: Int32) -> [Int32] {
    guard let directory = unsafe opendir("/proc") else { return [] }
    defer { unsafe _ = closedir(directory) }
    var found: [Int32] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      guard let id = Int32(name), id != process, ft_shares_memory(thread, id, false), isProgram(id) else { continue }
      found.append(id)
    }
    return found
  }

  /// Threads of the kernel and what has ended have no memory, which is the same for all, and no program.
  private static func isProgram(_ id: Int32) -> Bool {
    var byte: CChar = 0
    return unsafe readlink("/proc/\(id)/exe", &byte, 1) == 1
  }
}
