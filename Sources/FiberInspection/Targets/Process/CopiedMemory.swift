/// Copied parts of a process's memory.
struct CopiedMemory: MemoryReader {
  /// A part and where in the arena it was copied to.
  struct Area {
    let range: Range<UInt64>
    let offset: Int
  }

  /// By ascending address, disjoint.
  private let areas: [Area]
  private let arena: MemoryArena

  init(areas: [Area], arena: MemoryArena) {
    self.areas = areas
    self.arena = arena
  }

  /// Number of bytes known.
  var size: Int { areas.reduce(0) { $0 + $1.range.count } }

  func read(at address: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    var done = 0
    var index = areas.firstIndexAbove(address, by: \.range.lowerBound) - 1
    // Areas may touch.
    while done < buffer.count, index >= 0, index < areas.count {
      let (position, overflow) = address.addingReportingOverflow(UInt64(done))
      let area = areas[index]
      guard !overflow, area.range.contains(position) else { break }
      let count = Int(min(UInt64(buffer.count - done), area.range.upperBound - position))
      let start = area.offset + Int(position - area.range.lowerBound)
      unsafe buffer[done..<done + count].copyBytes(from: arena.bytes[start..<start + count])
      done += count
      index += 1
    }
    return done
  }
}

/// One allocation that lives as long as its owners. Its bytes are written once, before it is shared.
@safe final class MemoryArena {
  @unsafe let bytes: UnsafeMutableRawBufferPointer

  init(byteCount: Int) { unsafe bytes = .allocate(byteCount: byteCount, alignment: 16) }

  deinit { unsafe bytes.deallocate() }
}

extension UnsafeMutableRawBufferPointer.SubSequence {
  fileprivate func copyBytes(from source: UnsafeMutableRawBufferPointer.SubSequence) {
    unsafe UnsafeMutableRawBufferPointer(rebasing: self)
      .copyMemory(from: UnsafeRawBufferPointer(UnsafeMutableRawBufferPointer(rebasing: source)))
  }
}
