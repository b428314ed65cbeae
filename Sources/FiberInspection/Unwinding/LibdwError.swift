internal import CLibdw

/// What libdw refused, in one line.
package struct LibdwError: Error, CustomStringConvertible {
  /// One line: what was being done, and libdw's message.
  package let description: String

  static func last(doing what: String) -> LibdwError {
    LibdwError(description: "libdw failed \(what): \(lastMessage())")
  }

  /// The message of this thread's last error in libdwfl, which this call clears.
  static func lastMessage() -> String {
    guard let message = unsafe dwfl_errmsg(-1) else { return "no reason given" }
    return unsafe String(cString: message)
  }
}
