internal import CallFrameInfo
internal import Glibc

/// A core as a file: its header, its segments, and how much of them is there.
struct CoreFile {
  let path: String
  let bytes: PagedFile
  let header: ELFHeader
  let segments: [ProgramHeader]

  /// A sparse file may claim four billion. Processes have 65,530 mappings, or what vm.max_map_count was raised to.
  private static let segmentLimit: UInt32 = 1 << 22

  /// Opens it. O(segments).
  ///
  /// - Throws: why it is no readable x86-64 core.
  init(path: String) throws(InspectionError) { try self.init(Self.open(path), path: path) }

  /// A core that is open already.
  ///
  /// - Parameter path: what messages call it.
  init(_ bytes: PagedFile, path: String) throws(InspectionError) {
    self.path = path
    self.bytes = bytes
    do throws(ELFError) {
      header = try ELFHeader(reading: bytes)
      try header.require([.core], wanted: "a core; name the core, and the program by --executable", in: bytes)
      guard header.programHeaderCount <= Self.segmentLimit else {
        throw ELFError(
          .malformed, source: path, offset: 56,
          "\(header.programHeaderCount) segments, more than any process has mappings")
      }
      segments = try header.programHeaders(in: bytes)
    } catch {
      if error.code == .notELF, let program = Self.compressor(of: bytes) {
        throw InspectionError(
          .notACore, place: path, "compressed by \(program): decompress it first (\(program) -dk, or coredumpctl dump)")
      }
      throw Self.failure(error, path)
    }
    guard !segments.isEmpty else {
      throw InspectionError(
        .malformedCore, place: path, "a core without program headers: there is nothing in it to read")
    }
  }

  private static func open(_ path: String) throws(InspectionError) -> PagedFile {
    let opened = try OpenFile.openRegular(
      path, expected: "a core file",
      whenEmpty: "an empty file: the core was not written (check ulimit -c and free disk space)")
    return PagedFile(opened.file, size: opened.size)
  }

  /// The program that undoes the compression of a file, by its first bytes; nil if it is not compressed.
  /// systemd-coredump and other collectors compress cores.
  private static func compressor(of bytes: PagedFile) -> String? {
    let formats: [(program: String, start: [UInt8])] = [
      ("gzip", [0x1f, 0x8b]), ("zstd", [0x28, 0xb5, 0x2f, 0xfd]), ("xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]),
      ("lz4", [0x04, 0x22, 0x4d, 0x18]), ("bzip2", [0x42, 0x5a, 0x68]),
    ]
    let first = bytes.bytes(at: 0, count: 6)
    return formats.first { first.starts(with: $0.start) }?.program
  }

  private static func failure(_ error: ELFError, _ path: String) -> InspectionError {
    switch error.code {
    case .notELF: InspectionError(.notACore, place: path, "not a core: it does not start as an ELF file does")
    case .otherType: InspectionError(.notACore, place: path, error.text)
    case .otherClass, .otherMachine: InspectionError(.otherArchitecture, place: path, error.text)
    case .empty: InspectionError(.empty, place: path, error.text)
    default: InspectionError(.malformedCore, place: path, "\(error.text) (at offset \(hexadecimal(error.offset)))")
    }
  }

  /// Bytes of segments that the headers promise and the file does not have, and of how many.
  var missing: (bytes: UInt64, of: UInt64) {
    var missing: UInt64 = 0
    var total: UInt64 = 0
    for segment in segments where segment.kind == .load || segment.kind == .note {
      let end = segment.fileOffset.saturatingAdding(segment.fileSize)
      let beyond = end.saturatingSubtracting(max(bytes.size, segment.fileOffset))
      total = total.saturatingAdding(segment.fileSize)
      missing = missing.saturatingAdding(beyond)
    }
    return (missing, total)
  }
}
