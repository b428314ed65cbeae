internal import Glibc

/// Writes all bytes, past what Swift and libc buffer. Ends the program where they cannot be written.
func writeAll(_ bytes: [UInt8], to file: Int32) {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = unsafe rest.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
    if count >= 0 {
      rest = rest.dropFirst(count)
    } else if errno != EINTR {
      unsafe perror("crowd: cannot write")
      exit(1)
    }
  }
}
