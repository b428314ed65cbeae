internal import CallFrameInfo

/// Copied parts of a process's memory.
///
/// Not safe from several threads at once: it remembers where it was asked last.
struct CopiedMemory: MemoryReader {
  /// A part and where its copy lies, in an arena that the memory keeps.
  @safe struct Area {
    let range: Range<UInt64>
    @unsafe fileprivate let copy: UnsafeRawPointer

    @unsafe init(range: Range<UInt64>, copy: UnsafeRawPointer) {
      self.range = range
      unsafe self.copy = copy
    }

    /// The part of it that lies in `part`, which overlaps it.
    fileprivate func clamped(to part: Range<UInt64>) -> Area {
      let known = range.clamped(to: part)
      return unsafe Area(range: known, copy: copy + Int(known.lowerBound - range.lowerBound))
    }
  }

  /// By ascending address, disjoint.
  private let areas: [Area]
  private let arenas: [MemoryArena]
  private let last = LastArea()

  init(areas: [Area], arenas: [MemoryArena]) {
    self.areas = areas
    self.arenas = arenas
  }

  /// Number of bytes known.
  var size: Int { areas.reduce(0) { $0 + $1.range.count } }

  func read(at address: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    var done = 0
    guard var index = index(holding: address) else { return 0 }
    // Areas may touch.
    while done < buffer.count, index < areas.count {
      let (position, overflow) = address.addingReportingOverflow(UInt64(done))
      let area = areas[index]
      guard !overflow, area.range.contains(position) else { break }
      let count = Int(min(UInt64(buffer.count - done), area.range.upperBound - position))
      let source = unsafe UnsafeRawBufferPointer(
        start: area.copy + Int(position - area.range.lowerBound), count: count)
      unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[done..<done + count]).copyMemory(from: source)
      done += count
      index += 1
    }
    return done
  }

  @unsafe func bytesInPlace(around address: UInt64) -> BytesInPlace? {
    guard let index = index(holding: address) else { return nil }
    return unsafe BytesInPlace(range: areas[index].range, start: areas[index].copy)
  }

  /// All of `range` is known. O(log n + parts).
  func holds(_ range: Range<UInt64>) -> Bool {
    guard !range.isEmpty else { return true }
    guard let first = index(holding: range.lowerBound) else { return false }
    var position = range.lowerBound
    for area in areas[first...] {
      guard area.range.contains(position) else { return false }
      position = area.range.upperBound
      if position >= range.upperBound { return true }
    }
    return false
  }

  /// `newer`, and of this memory what lies in `ranges` and not in `newer`. O(n).
  ///
  /// - Parameter ranges: by ascending address, disjoint.
  func kept(in ranges: [Range<UInt64>], below newer: CopiedMemory) -> CopiedMemory {
    var result: [Area] = []
    result.reserveCapacity(ranges.count + newer.areas.count)
    var own = 0
    var other = 0
    for range in ranges {
      while own < areas.count, areas[own].range.upperBound <= range.lowerBound { own += 1 }
      var index = own
      while index < areas.count, areas[index].range.lowerBound < range.upperBound {
        let area = areas[index].clamped(to: range)
        var position = area.range.lowerBound
        while other < newer.areas.count, newer.areas[other].range.lowerBound < area.range.upperBound {
          let cover = newer.areas[other].range
          if cover.upperBound > area.range.lowerBound, position < cover.lowerBound {
            result.append(area.clamped(to: position..<cover.lowerBound))
          }
          position = max(position, cover.upperBound)
          // It may reach into the next area too.
          if cover.upperBound > area.range.upperBound { break }
          result.append(newer.areas[other])
          other += 1
        }
        if position < area.range.upperBound { result.append(area.clamped(to: position..<area.range.upperBound)) }
        index += 1
      }
    }
    result += newer.areas[other...]
    return CopiedMemory(areas: result, arenas: arenas + newer.arenas)
  }

  /// O(1) near the place of the last question, else O(log n).
  private func index(holding address: UInt64) -> Int? {
    // One walk asks for words of one stack, and the next often for those of the stack beside it.
    let known = last.index
    for index in max(0, known - 2)..<min(areas.count, known + 3) where areas[index].range.contains(address) {
      last.index = index
      return index
    }
    let index = areas.firstIndexAbove(address, by: \.range.lowerBound) - 1
    guard index >= 0 else { return nil }
    last.index = index
    return areas[index].range.contains(address) ? index : nil
  }
}

/// Where the last question was answered: walks ask for neighbours.
private final class LastArea {
  var index = 0
}

/// One allocation that lives as long as its owners. Its bytes are written once, before it is shared.
@safe final class MemoryArena {
  @unsafe let bytes: UnsafeMutableRawBufferPointer

  init(byteCount: Int) { unsafe bytes = .allocate(byteCount: byteCount, alignment: 16) }

  deinit { unsafe bytes.deallocate() }
}
