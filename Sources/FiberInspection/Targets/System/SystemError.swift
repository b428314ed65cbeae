internal import Glibc

/// A system call that failed.
package struct SystemError: Error, Hashable {
  /// `errno`.
  package let number: Int32

  package init(number: Int32) { self.number = number }

  /// What the C library calls it: "No such file or directory".
  package var text: String {
    // Since glibc 2.32 its buffer belongs to the thread.
    unsafe String(cString: strerror(number))
  }

  /// `result` if it is not -1, else what `errno` says. Call it on the system call itself.
  static func check<Value: SignedInteger>(_ result: Value) throws(SystemError) -> Value {
    if result == -1 { throw SystemError(number: errno) }
    return result
  }
}
