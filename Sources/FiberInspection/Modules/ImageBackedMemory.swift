internal import CallFrameInfo

/// Memory that falls back to modules' files where it has nothing itself: code and constants, which processes do not
/// change and neither snapshots nor cores need to hold.
///
/// Only segments that are not writable in the program headers count. Data that is relocated and then protected
/// (RELRO) is in a writable one, and differs from the file.
struct ImageBackedMemory: MemoryReader {
  private struct Backing {
    let range: Range<UInt64>
    let fileOffset: UInt64
    let file: OpenFile
  }

  private let primary: any MemoryReader
  /// By ascending address.
  private let backings: [Backing]

  init(_ primary: any MemoryReader, modules: [FoundModule]) {
    self.primary = primary
    backings = modules.flatMap { found -> [Backing] in
      guard case .file(let file) = found.module.image else { return [] }
      return found.segments.compactMap { segment -> Backing? in
        guard segment.kind == .load, !segment.isWritable, segment.fileRange != nil else { return nil }
        let start = found.module.bias &+ segment.virtualAddress
        let (end, overflow) = start.addingReportingOverflow(min(segment.fileSize, segment.memorySize))
        if overflow { return nil }
        return Backing(range: start..<end, fileOffset: segment.fileOffset, file: file)
      }
    }.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }

  func read(at address: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    var done = 0
    // Each round but the last fills at least one byte.
    while done < buffer.count {
      let (position, overflow) = address.addingReportingOverflow(UInt64(done))
      if overflow { break }
      let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      var count = unsafe primary.read(at: position, into: rest)
      if count == 0 { count = unsafe readFile(at: position, into: rest) }
      if count == 0 { break }
      done += count
    }
    return done
  }

  @unsafe func bytesInPlace(around address: UInt64) -> BytesInPlace? {
    unsafe primary.bytesInPlace(around: address)
  }

  private func readFile(at address: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let index = backings.firstIndexAbove(address, by: \.range.lowerBound) - 1
    guard index >= 0, backings[index].range.contains(address) else { return 0 }
    let backing = backings[index]
    let count = Int(min(UInt64(buffer.count), backing.range.upperBound - address))
    let part = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
    let offset = backing.fileOffset + (address - backing.range.lowerBound)
    return unsafe (try? backing.file.read(at: offset, into: part)) ?? 0
  }
}
