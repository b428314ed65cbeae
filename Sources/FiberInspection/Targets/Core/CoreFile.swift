internal import CallFrameInfo
internal import Glibc

/// A core as a file: its header, its segments, and how much of them is there.
struct CoreFile {
  let path: String
  let bytes: PagedFile
  let segments: [ProgramHeader]

  /// A sparse file may claim four billion. Processes have 65,530 mappings, or what vm.max_map_count was raised to.
  private static let segmentLimit: UInt32 = 1 << 22

  /// Opens it. O(segments).
  ///
  /// - Throws: why it is no readable x86-64 core.
  init(path: String) throws(InspectionError) {
    self.path = path
    bytes = try Self.open(path)
    do throws(ELFError) {
      let header = try ELFHeader(reading: bytes)
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
    do {
      // Looked at before it is opened: opening a device or a FIFO may have effects.
      try requireFile(try FileStatus(path: path).kind, path)
      let file = try OpenFile.open(path)
      let status = try file.status()
      try requireFile(status.kind, path)
      guard status.size > 0 else {
        throw InspectionError(
          .empty, place: path, "an empty file: the core was not written (check ulimit -c and free disk space)")
      }
      return PagedFile(file, size: status.size)
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

  /// The program that undoes the compression of a file, by its first bytes; nil if it is not compressed. systemd-coredump
  /// and other collectors compress cores.
  private static func compressor(of bytes: PagedFile) -> String? {
    let formats: [(program: String, start: [UInt8])] = [
      ("gzip", [0x1f, 0x8b]), ("zstd", [0x28, 0xb5, 0x2f, 0xfd]), ("xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]),
      ("lz4", [0x04, 0x22, 0x4d, 0x18]), ("bzip2", [0x42, 0x5a, 0x68]),
    ]
    let first = bytes.bytes(at: 0, count: 6)
    return formats.first { first.starts(with: $0.start) }?.program
  }

  private static func requireFile(_ kind: FileStatus.Kind, _ path: String) throws(InspectionError) {
    switch kind {
    case .regular: return
    case .directory: throw InspectionError(.notAFile, place: path, "a directory, expected a core file")
    case .fifo: throw InspectionError(.notAFile, place: path, "a FIFO, expected a core file: write it to disk first")
    case .other: throw InspectionError(.notAFile, place: path, "not a regular file, expected a core file")
    }
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
