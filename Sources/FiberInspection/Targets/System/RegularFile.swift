internal import Glibc

extension OpenFile {
  /// Opens a file that a caller names, which has to be a regular one with bytes in it. Answers its size too.
  ///
  /// - Parameters:
  ///   - expected: what it should be: "a core file".
  ///   - whenEmpty: what messages say of a file without bytes.
  /// - Throws: `notFound`, `notPermitted`, `notAFile`, `empty` or `system`.
  static func openRegular(
    _ path: String, expected: String, whenEmpty: String
  ) throws(InspectionError) -> (file: OpenFile, size: UInt64) {
    do {
      // Looked at before it is opened: opening a device or a FIFO may have effects.
      try requireRegular(try FileStatus(path: path).kind, path, expected)
      let file = try OpenFile.open(path)
      let status = try file.status()
      try requireRegular(status.kind, path, expected)
      guard status.size > 0 else { throw InspectionError(.empty, place: path, whenEmpty) }
      return (file, status.size)
    } catch let error as InspectionError {
      throw error
    } catch let error as SystemError {
      switch error.number {
      case ENOENT, ENOTDIR: throw InspectionError(.notFound, place: path, "there is no such file")
      case EACCES, EPERM:
        throw InspectionError(.notPermitted, place: path, "not readable: \(error.text). Run as its owner or as root")
      default: throw InspectionError(.system, place: path, "not readable: \(error.text)")
      }
    } catch {
      throw InspectionError(.system, place: path, "not readable: \(error)")
    }
  }

  private static func requireRegular(
    _ kind: FileStatus.Kind, _ path: String, _ expected: String
  ) throws(InspectionError) {
    switch kind {
    case .regular: return
    case .directory: throw InspectionError(.notAFile, place: path, "a directory, expected \(expected)")
    case .fifo: throw InspectionError(.notAFile, place: path, "a FIFO, expected \(expected): write it to disk first")
    case .other: throw InspectionError(.notAFile, place: path, "not a regular file, expected \(expected)")
    }
  }
}
