internal import Glibc

/// A system call that failed.
struct SystemError: Error, Hashable {
  /// `errno`.
  let number: Int32

  /// What the C library calls it: "No such file or directory".
  var text: String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
      guard let start = buffer.baseAddress, unsafe __xpg_strerror_r(number, start, buffer.count) == 0 else {
        return "error \(number)"
      }
      return unsafe String(cString: start)
    }
  }

  /// `result` if it is not -1, else what `errno` says. Call it on the system call itself.
  static func check<Value: SignedInteger>(_ result: Value) throws(SystemError) -> Value {
    if result == -1 { throw SystemError(number: errno) }
    return result
  }
}
