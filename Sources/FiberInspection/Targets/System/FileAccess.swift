internal import CallFrameInfo
internal import Glibc

/// What stat says of a file.
struct FileStatus {
  enum Kind { case regular, directory, fifo, other }

  let kind: Kind
  /// It is a symbolic link, which only `init(linkAt:)` finds.
  let isLink: Bool
  /// In bytes.
  let size: UInt64
  let inode: UInt64
  /// Of the file system.
  let device: UInt64
  let owner: UInt32

  init(_ status: stat) {
    switch status.st_mode & S_IFMT {
    case S_IFREG: kind = .regular
    case S_IFDIR: kind = .directory
    case S_IFIFO: kind = .fifo
    default: kind = .other
    }
    isLink = status.st_mode & S_IFMT == S_IFLNK
    size = UInt64(clamping: status.st_size)
    inode = UInt64(status.st_ino)
    device = UInt64(status.st_dev)
    owner = status.st_uid
  }

  /// Of the file at `path`, links followed.
  init(path: String) throws(SystemError) {
    var status = stat()
    _ = try SystemError.check(unsafe stat(path, &status))
    self.init(status)
  }
}

extension FileStatus {
  /// Of what is at `path` itself, a link say.
  init(linkAt path: String) throws(SystemError) {
    var status = stat()
    _ = try SystemError.check(unsafe lstat(path, &status))
    self.init(status)
  }
}

extension OpenFile {
  /// Opens for reading. Never waits: not for the other end of a FIFO either.
  ///
  /// - Parameter name: what messages call it, if `path` leads through /proc.
  static func open(_ path: String, name: String? = nil) throws(SystemError) -> OpenFile {
    let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
    return OpenFile(descriptor: try SystemError.check(unsafe Glibc.open(path, flags)), path: name ?? path)
  }

  func status() throws(SystemError) -> FileStatus {
    var status = stat()
    _ = try SystemError.check(unsafe fstat(descriptor, &status))
    return FileStatus(status)
  }

  /// Fills `buffer` from `offset` on as far as the file goes. Answers how many bytes there were.
  func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
    guard var position = Int(exactly: offset), !position.addingReportingOverflow(buffer.count).overflow else {
      return 0
    }
    var done = 0
    while done < buffer.count {
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count = unsafe pread(descriptor, rest.baseAddress, rest.count, position)
      if count < 0, errno == EINTR { continue }
      if try SystemError.check(count) == 0 { break }
      done += count
      position += count
    }
    return done
  }

  /// Everything a file of /proc has to say, which has no size beforehand. The kernel gives a page or so a call.
  func contents() throws(SystemError) -> [UInt8] {
    var bytes: [UInt8] = []
    let step = 1 << 14
    while true {
      let part = try part(at: UInt64(bytes.count), count: step)
      bytes += part
      if part.isEmpty { return bytes }
    }
  }

  /// One `pread` of at most `count` bytes.
  private func part(at offset: UInt64, count: Int) throws(SystemError) -> [UInt8] {
    var failure: SystemError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      repeat {
        let result = unsafe pread(descriptor, buffer.baseAddress, count, Int(clamping: offset))
        if result >= 0 {
          initialized = result
          return
        }
      } while errno == EINTR
      failure = SystemError(number: errno)
    }
    if let failure { throw failure }
    return bytes
  }
}

/// A regular file as a source of bytes. A file that shrinks meanwhile reads as shorter.
struct FileBytes: ByteSource, Sendable {
  let file: OpenFile
  /// In bytes, when it was looked at.
  let size: UInt64

  init(_ file: OpenFile) throws(SystemError) { self.init(file, size: try file.status().size) }

  init(_ file: OpenFile, size: UInt64) {
    self.file = file
    self.size = size
  }

  var name: String { file.path }

  func bytes(at offset: UInt64, count: UInt64) -> [UInt8] {
    guard offset < size else { return [] }
    let wanted = Int(clamping: min(count, size - offset))
    return unsafe [UInt8](unsafeUninitializedCapacity: wanted) { buffer, initialized in
      initialized = unsafe (try? file.read(at: offset, into: UnsafeMutableRawBufferPointer(buffer))) ?? 0
    }
  }
}
