internal import CallFrameInfo

/// A file of settings that somebody names: read as a whole.
package enum SmallFile {
  /// In bytes. A baseline of 100,000 findings has about 15 MB.
  private static let greatest: UInt64 = 64 << 20

  /// Its bytes; none of an empty one.
  ///
  /// - Parameter expected: what it should be: "a baseline".
  package static func bytes(of path: String, expected: String) throws(InspectionError) -> [UInt8] {
    do throws(InspectionError) {
      let opened = try OpenFile.openRegular(path, expected: expected, whenEmpty: "")
      guard opened.size <= greatest else {
        throw InspectionError(
          .notAFile, place: path, "\(opened.size) bytes, too many for \(expected): at most \(greatest) are read")
      }
      return FileBytes(opened.file, size: opened.size).bytes(at: 0, count: opened.size)
    } catch {
      if error.code == .empty { return [] }
      throw error
    }
  }
}
