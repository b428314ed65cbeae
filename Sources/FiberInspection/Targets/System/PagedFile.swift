internal import CallFrameInfo
internal import Glibc

/// A file mapped read-only. It must not shrink while it is mapped: access behind its new end would end this program (SIGBUS),
/// so this is for files that nobody rewrites, such as cores.
@safe final class MappedFile: ByteSource {
  let file: OpenFile
  /// In bytes.
  let size: UInt64
  @unsafe private let bytes: UnsafeRawBufferPointer

  /// - Parameter size: the file's size, not 0.
  init(_ file: OpenFile, size: UInt64) throws(SystemError) {
    self.file = file
    self.size = size
    let count = Int(clamping: size)
    let start = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, file.descriptor, 0)
    guard let start = unsafe start, unsafe start != MAP_FAILED else { throw SystemError(number: errno) }
    unsafe bytes = UnsafeRawBufferPointer(start: start, count: count)
  }

  deinit {
    unsafe _ = munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
  }

  var name: String { file.path }

  func bytes(at offset: UInt64, count: UInt64) -> [UInt8] {
    guard offset < size else { return [] }
    let start = Int(offset)
    return unsafe [UInt8](bytes[start..<start + Int(min(count, size - offset))])
  }

  /// Fills `buffer` from `offset` on as far as the file goes. Answers how many bytes there were.
  func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    guard offset < size else { return 0 }
    let start = Int(offset)
    let count = Int(min(UInt64(buffer.count), size - offset))
    unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start..<start + count]))
    return count
  }
}
