internal import Glibc

/// Files that a debugger reads through the stub (`vFile`): those that the process has mapped, of the very builds, and other ELF files
/// by their paths as the process has them. Nothing is written.
struct StubFiles {
  /// Errors of the protocol ("Errno Values" in appendix E of gdb's manual).
  enum Failure: UInt32, Error {
    case notPermitted = 1
    case notFound = 2
    case badDescriptor = 9
    case noAccess = 13
    case invalid = 22
    case tooMany = 24
    case readOnly = 30
    case nameTooLong = 91
    case other = 9999

    fileprivate init(_ error: SystemError) {
      switch error.number {
      case EPERM: self = .notPermitted
      case ENOENT, ENOTDIR: self = .notFound
      case EACCES: self = .noAccess
      case EMFILE, ENFILE: self = .tooMany
      case ENAMETOOLONG: self = .nameTooLong
      default: self = .other
      }
    }
  }

  /// Files that may be open at one time: debuggers open one for each module, and one more for its debug information.
  private static let limit = 1 << 14

  private let modules: [String: OpenFile]
  private let root: String
  private let processID: Int32
  private let executable: String?
  private let maps: String
  private var open: [UInt64: OpenFile] = [:]
  private var next: UInt64 = 1

  /// - Parameters:
  ///   - root: what is put before the paths of other files.
  ///   - executable: path of the program, as the process has it.
  init(_ snapshot: Snapshot, processID: Int32, root: String, executable: String?) {
    var modules: [String: OpenFile] = [:]
    for module in snapshot.modules {
      if case .file(let file) = module.image, modules[module.path] == nil { modules[module.path] = file }
    }
    self.modules = modules
    self.root = root
    self.processID = processID
    self.executable = executable
    maps = Self.maps(snapshot)
  }

  /// Whether a debugger that opens the process's paths itself, here, would see other files than the process has mapped.
  ///
  /// If not, it had better do so: gdb 13 reads several megabytes of each library, and a system call for each byte from a pipe.
  static func areNeeded(for snapshot: Snapshot) -> Bool {
    snapshot.modules.contains { module in
      guard module.path.hasPrefix("/") else { return false }
      let here = try? FileStatus(path: module.path)
      guard case .file(let file) = module.image, let mapped = try? file.status() else {
        // Another build is there.
        return here != nil
      }
      return here?.inode != mapped.inode || here?.size != mapped.size
    }
  }

  /// As /proc/PID/maps lists mappings: gdb finds the vdso by it. Devices and inodes are not known and 0; what may not be written is
  /// taken for readable where bytes of it are known.
  private static func maps(_ snapshot: Snapshot) -> String {
    snapshot.mappings.map { mapping in
      let (low, high) = (mapping.range.lowerBound, mapping.range.upperBound)
      let isReadable = mapping.isWritable || mapping.isExecutable || snapshot.memory.word(at: low) != nil
      let access = "\(isReadable ? "r" : "-")\(mapping.isWritable ? "w" : "-")\(mapping.isExecutable ? "x" : "-")p"
      let offset = PacketText.hexadecimal(mapping.fileOffset)
      let zeros = String(repeating: "0", count: max(0, 8 - offset.count))
      return "\(PacketText.hexadecimal(low))-\(PacketText.hexadecimal(high)) \(access) \(zeros)\(offset) 00:00 0 "
        + "\(mapping.path)\n"
    }.joined()
  }

  /// Opens a file for reading and answers its number.
  ///
  /// - Parameter flags: O_RDONLY is 0; any other asks for what is not done.
  mutating func open(_ path: String, flags: UInt64) throws(Failure) -> UInt64 {
    guard flags == 0 else { throw .readOnly }
    guard open.count < Self.limit else { throw .tooMany }
    let file = try find(path)
    defer { next += 1 }
    open[next] = file
    return next
  }

  private func find(_ path: String) throws(Failure) -> OpenFile {
    if let file = modules[path] { return file }
    do throws(SystemError) {
      if path.hasPrefix("/proc/") {
        guard isMaps(path) else { throw SystemError(number: ENOENT) }
        return try OpenFile.inMemory(Array(maps.utf8), name: path)
      }
      guard path.hasPrefix("/") else { throw SystemError(number: ENOENT) }
      guard try FileStatus(path: root + path).kind == .regular else { throw SystemError(number: EACCES) }
      let file = try OpenFile.open(root + path)
      guard try Self.isObject(file) else { throw SystemError(number: EACCES) }
      return file
    } catch {
      throw Failure(error)
    }
  }

  /// Programs, libraries and their debug information are what debuggers read, all ELF files: no other file of the user is
  /// handed out, and nothing of /proc by another spelling.
  private static func isObject(_ file: OpenFile) throws(SystemError) -> Bool {
    let path = try ProcFile.link("/proc/self/fd/\(file.descriptor)")
    return !path.hasPrefix("/proc/") && FileBytes(file, size: 4).bytes(at: 0, count: 4) == [0x7f, 0x45, 0x4c, 0x46]
  }

  /// It is the list of mappings of the process or of one of its threads. All else in /proc is of another moment, or of another process.
  private func isMaps(_ path: String) -> Bool {
    let own = "/proc/\(processID)/"
    guard path.hasPrefix(own), path.hasSuffix("maps") else { return false }
    let rest = path.dropFirst(own.count).split(separator: "/")
    return rest == ["maps"] || rest.count == 3 && rest[0] == "task" && Int32(rest[1]) != nil && rest[2] == "maps"
  }

  /// Forgets a file.
  mutating func close(_ number: UInt64) throws(Failure) {
    guard open.removeValue(forKey: number) != nil else { throw .badDescriptor }
  }

  /// At most `count` bytes from `offset` on, none at the end of the file.
  func read(_ number: UInt64, count: UInt64, offset: UInt64) throws(Failure) -> [UInt8] {
    guard let file = open[number] else { throw .badDescriptor }
    let count = Int(clamping: min(count, UInt64(PacketReader.limit)))
    do throws(SystemError) {
      var failure: SystemError?
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        do throws(SystemError) {
          initialized = unsafe try file.read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))
        } catch {
          failure = error
        }
      }
      if let failure { throw failure }
      return bytes
    } catch {
      throw Failure(error)
    }
  }

  /// `struct fio_stat`, big-endian ("struct stat" in appendix E of gdb's manual): a regular file that everyone may read, its size,
  /// and nothing else.
  func status(_ number: UInt64) throws(Failure) -> [UInt8] {
    guard let file = open[number] else { throw .badDescriptor }
    let size: UInt64
    do throws(SystemError) { size = try file.status().size } catch { throw Failure(error) }
    func bytes(_ value: UInt64, _ count: Int) -> [UInt8] {
      (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
    }
    // st_dev, st_ino, st_mode, st_nlink, st_uid, st_gid, st_rdev; st_size, st_blksize, st_blocks; three times.
    return bytes(0, 4) + bytes(0, 4) + bytes(0o100444, 4) + bytes(1, 4) + bytes(0, 12) + bytes(size, 8)
      + bytes(4096, 8) + bytes((size + 511) / 512, 8) + bytes(0, 12)
  }

  /// What a symbolic link says.
  func link(_ path: String) throws(Failure) -> [UInt8] {
    if path == "/proc/\(processID)/exe", let executable { return Array(executable.utf8) }
    guard path.hasPrefix("/"), !path.hasPrefix("/proc/") else { throw .notFound }
    do throws(SystemError) {
      return Array(try ProcFile.link(root + path).utf8)
    } catch {
      throw error.number == EINVAL ? .invalid : Failure(error)
    }
  }
}
