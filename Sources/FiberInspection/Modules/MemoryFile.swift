internal import CProcess

extension OpenFile {
  /// A new file without a place in any directory, with these bytes.
  static func inMemory(_ bytes: [UInt8], name: String) throws(SystemError) -> OpenFile {
    let descriptor = unsafe bytes.withUnsafeBytes { buffer -> Int32 in
      // An empty array has no address.
      unsafe withUnsafePointer(to: 0 as UInt8) { nothing in
        unsafe ft_memory_file(name, buffer.baseAddress ?? UnsafeRawPointer(nothing), buffer.count)
      }
    }
    if descriptor < 0 { throw SystemError(number: -descriptor) }
    return OpenFile(descriptor: descriptor, path: name)
  }
}
