internal import CProcess
internal import Glibc

/// The file that a core is written to, and what was written.
final class CoreOutput {
  let file: OpenFile
  /// Bytes written so far.
  private(set) var written: UInt64 = 0

  /// What to do where there is no room; nil for the advice to whoever wants a core.
  private let remedy: String?

  init(_ file: OpenFile, remedy: String? = nil) {
    self.file = file
    self.remedy = remedy
  }

  /// Writes all of `bytes` at `offset`.
  func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(InspectionError) {
    var done = 0
    while done < bytes.count {
      let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
      let count = unsafe pwrite(file.descriptor, rest.baseAddress, rest.count, off_t(clamping: offset) + done)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure(count < 0 ? errno : EIO) }
      done += count
    }
    written += UInt64(bytes.count)
  }

  func write(_ bytes: [UInt8], at offset: UInt64) throws(InspectionError) {
    let result = unsafe bytes.withUnsafeBytes { bytes in
      Result { () throws(InspectionError) in unsafe try write(bytes, at: offset) }
    }
    try result.get()
  }

  /// Gives the file this size: holes at its end belong to segments.
  func setSize(_ size: UInt64) throws(InspectionError) {
    guard ftruncate(file.descriptor, off_t(clamping: size)) == 0 else { throw failure(errno) }
  }

  /// Copies what `source` has in `range` to the same offsets, by the kernel where it can; holes stay holes.
  ///
  /// - Parameter progress: called with the bytes done.
  func copy(_ source: OpenFile, _ range: Range<UInt64>, progress: (UInt64) -> Void) throws(InspectionError) {
    var position = range.lowerBound
    while position < range.upperBound {
      var start = off_t(clamping: position)
      var end = off_t(clamping: range.upperBound)
      let error = unsafe ft_next_data(source.descriptor, &start, &end)
      // Nothing but a hole is left.
      if error == ENXIO { break }
      if error != 0 { (start, end) = (off_t(clamping: position), off_t(clamping: range.upperBound)) }
      let data = UInt64(start)..<max(UInt64(start), min(UInt64(end), range.upperBound))
      if data.isEmpty { break }
      try copyData(source, data, progress: progress)
      position = data.upperBound
    }
    progress(range.upperBound)
  }

  private func copyData(_ source: OpenFile, _ range: Range<UInt64>, progress: (UInt64) -> Void) throws(InspectionError)
  {
    var position = range.lowerBound
    while position < range.upperBound {
      let size = Int(clamping: min(range.upperBound - position, 1 << 24))
      let count = ft_copy_range(
        source.descriptor, off_t(clamping: position), file.descriptor, off_t(clamping: position), size)
      switch -count {
      case 0: throw InspectionError(.malformedCore, place: source.path, "it was cut while it was read: take it again")
      case Int(EXDEV), Int(EINVAL), Int(EOPNOTSUPP), Int(ENOSYS), Int(EBADF), Int(ETXTBSY), Int(EPERM):
        return try copyThroughMemory(source, position..<range.upperBound, progress: progress)
      case 1...: throw failure(Int32(clamping: -count))
      default:
        position += UInt64(count)
        written += UInt64(count)
        progress(position)
      }
    }
  }

  private func copyThroughMemory(
    _ source: OpenFile, _ range: Range<UInt64>, progress: (UInt64) -> Void
  ) throws(InspectionError) {
    let bytes = FileBytes(source, size: range.upperBound)
    var position = range.lowerBound
    while position < range.upperBound {
      let part = bytes.bytes(at: position, count: 1 << 20)
      guard !part.isEmpty else {
        throw InspectionError(
          .malformedCore, place: source.path, "it cannot be read at offset \(position): take it again")
      }
      try write(part, at: position)
      position += UInt64(part.count)
      progress(position)
    }
  }

  func failure(_ error: Int32) -> InspectionError {
    if let remedy, [ENOSPC, EDQUOT, EFBIG].contains(error) {
      return InspectionError(.notWritten, place: file.path, "\(SystemError(number: error).text): \(remedy)")
    }
    return Self.failure(error, path: file.path)
  }

  /// Why a file at `path` cannot be written.
  static func failure(_ error: Int32, path: String) -> InspectionError {
    let text = SystemError(number: error).text
    switch error {
    case ENOSPC, EDQUOT:
      return InspectionError(
        .notWritten, place: path,
        "\(text): the core was removed. Free some space, write elsewhere, or add --only-stacks")
    case EFBIG:
      return InspectionError(
        .notWritten, place: path, "\(text): the core was removed. Raise the limit (ulimit -f), or add --only-stacks")
    case EACCES, EPERM:
      return InspectionError(.notPermitted, place: path, "not writable: \(text). Choose another file")
    default: return InspectionError(.notWritten, place: path, "not writable: \(text). Choose another file")
    }
  }
}
