internal import FiberInspection
internal import Glibc

/// Memory as it was at one step of a recording: the words of the stacks that were recorded, and what cannot change.
///
/// Memory that can be written and was not recorded is not known: what it has now is not what it had then.
@safe final class RecordedMemory: MemoryReader {
  private static let pageSize: UInt64 = 4096
  private static let pageWords = 512
  private static let pagesInChunk = 256

  /// By address, the number of the page.
  private var numbers: [UInt64: Int] = [:]
  private var chunks: [UnsafeMutablePointer<UInt64>] = unsafe []
  private let live: LiveMemory
  /// What the process can read and not write, ascending.
  private let constant: [Range<UInt64>]
  /// Something was asked for that was not recorded.
  private(set) var hasMissed = false

  /// - Parameter maps: of this process.
  init(_ maps: ProcessMaps) {
    live = LiveMemory(thread: getpid())
    let writable = Set(maps.mappings.lazy.filter(\.isWritable).map(\.range.lowerBound))
    constant = maps.readable.filter { !writable.contains($0.lowerBound) }
  }

  deinit { for unsafe chunk in unsafe chunks { unsafe chunk.deallocate() } }

  /// From now on nothing was missed.
  func forgetMisses() { hasMissed = false }

  /// A page is known: its 512 words stand in the recording from `index` on.
  func add(_ page: UInt64, from recording: Recording, at index: Int) {
    let number = numbers.count
    if number % Self.pagesInChunk == 0 {
      unsafe chunks.append(.allocate(capacity: Self.pagesInChunk * Self.pageWords))
    }
    numbers[page] = number
    unsafe recording.copyWords(at: index, count: Self.pageWords, to: words(number))
  }

  /// A word of a known page has changed.
  func change(_ address: UInt64, to word: UInt64) {
    guard let number = numbers[address & ~(Self.pageSize - 1)] else { return }
    unsafe words(number)[Int(address & (Self.pageSize - 1)) / 8] = word
  }

  private func words(_ number: Int) -> UnsafeMutablePointer<UInt64> {
    unsafe chunks[number / Self.pagesInChunk] + number % Self.pagesInChunk * Self.pageWords
  }

  func read(at address: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    var count = 0
    while count < buffer.count, case let place = address &+ UInt64(count), place >= address {
      let offset = Int(place & (Self.pageSize - 1))
      let size = min(buffer.count - count, Int(Self.pageSize) - offset)
      guard let number = numbers[place - UInt64(offset)] else { break }
      let source = unsafe UnsafeRawPointer(words(number)) + offset
      unsafe buffer.baseAddress.unsafelyUnwrapped.advanced(by: count).copyMemory(from: source, byteCount: size)
      count += size
    }
    if unsafe count > 0 || buffer.isEmpty { return count }
    let index = constant.partitionPoint { $0.lowerBound > address } - 1
    guard index >= 0, constant[index].contains(address) else {
      hasMissed = true
      return 0
    }
    let size = Int(min(UInt64(buffer.count), constant[index].upperBound - address))
    return unsafe live.read(at: address, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<size]))
  }
}

extension [Range<UInt64>] {
  /// How many of the elements come before the first that `isBehind` holds for. O(log n).
  fileprivate func partitionPoint(where isBehind: (Range<UInt64>) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
