internal import FiberInspection
internal import Glibc

/// The memory of a process that stands still, a page at a time: several unwinders read the same stack, a word at a time.
final class SteppedMemory: MemoryReader {
  private struct Page {
    var address: UInt64
    /// What could be read of it, from its start.
    var bytes: [UInt8]
  }

  private static let size: UInt64 = 4096
  /// Stacks that are walked lie in a few pages; tables and code are read besides.
  private static let mostPages = 256

  private let memory: any MemoryReader
  private var pages: [UInt64: [UInt8]] = [:]
  private var latest = Page(address: 1, bytes: [])

  init(_ memory: any MemoryReader) { self.memory = memory }

  /// The process has run since.
  func forget() {
    pages.removeAll(keepingCapacity: true)
    latest = Page(address: 1, bytes: [])
  }

  func read(at address: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    var done = 0
    while done < buffer.count {
      let (place, overflow) = address.addingReportingOverflow(UInt64(done))
      if overflow { break }
      let start = place & ~(Self.size - 1)
      if latest.address != start { latest = page(start) }
      let offset = Int(place - start)
      guard offset < latest.bytes.count else { break }
      let count = min(buffer.count - done, latest.bytes.count - offset)
      unsafe latest.bytes.withUnsafeBytes { bytes in
        unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + count])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count]))
      }
      done += count
    }
    return done
  }

  private func page(_ start: UInt64) -> Page {
    if let known = pages[start] { return Page(address: start, bytes: known) }
    let bytes = memory.bytes(at: start, count: Int(Self.size))
    if pages.count >= Self.mostPages { pages.removeAll(keepingCapacity: true) }
    pages[start] = bytes
    return Page(address: start, bytes: bytes)
  }
}
