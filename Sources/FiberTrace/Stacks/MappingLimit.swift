internal import Glibc

/// How many mappings this process has, and how many Linux allows it.
struct MappingLimit {
  var count: Int
  /// `vm.max_map_count`.
  var limit: Int

  /// Reads both from /proc; nil where it cannot be read.
  ///
  /// - Complexity: O(mappings); asked for when a stack cannot be mapped.
  init?() {
    var digits: [UInt8] = []
    guard MappingLimit.read("/proc/sys/vm/max_map_count", { digits.append(contentsOf: $0) }),
      let limit = Int(String(decoding: digits.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    else { return nil }
    self.limit = limit
    var lines = 0
    guard MappingLimit.read("/proc/self/maps", { lines += $0.count { $0 == UInt8(ascii: "\n") } }) else { return nil }
    count = lines
  }

  /// A stack that needs two more has no room. The list may have one more line than the system counts, [vsyscall].
  var isReached: Bool { count + 2 >= limit }

  /// Why `bytes` could not be mapped for a stack and its guard, and what to do.
  ///
  /// - Parameters:
  ///   - code: The system's `errno`.
  ///   - advice: What else to do than to raise the limit, if the process has no mapping left.
  static func error(bytes: Int, code: Int32, advice: String?) -> FiberError {
    let refusal = "cannot map \(bytes) bytes for a fiber's stack and its guard"
    if code == ENOMEM, let mappings = MappingLimit(), mappings.isReached {
      let advice = advice.map { ", or \($0)" } ?? ""
      return FiberError(
        .outOfMemory,
        "\(refusal): the process has \(mappings.count) mappings, and the system allows \(mappings.limit); "
          + "raise vm.max_map_count with sysctl\(advice)")
    }
    let reason = unsafe String(cString: strerror(code))
    return FiberError(.outOfMemory, "\(refusal): \(reason); have fewer or smaller stacks")
  }

  /// Hands on a file's bytes, buffer by buffer. False if it cannot be read to its end.
  private static func read(_ path: String, _ receive: (ArraySlice<UInt8>) -> Void) -> Bool {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = unsafe Glibc.read(file, &buffer, buffer.count)
      if count == 0 { return true }
      if count > 0 {
        receive(buffer[..<count])
      } else if errno != EINTR {
        return false
      }
    }
  }
}
