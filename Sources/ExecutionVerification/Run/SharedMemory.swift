internal import CProcess
internal import Glibc

/// Processes that have one address space.
enum SharedMemory {
  /// The other processes that have the memory of this one.
  static func processes(with process: Int32) -> [Int32] {
    guard let directory = unsafe opendir("/proc") else { return [] }
    defer { unsafe _ = closedir(directory) }
    var found: [Int32] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      guard let id = Int32(name), id != process, ft_shares_memory(process, id, false) else { continue }
      found.append(id)
    }
    return found
  }
}
