/// Which memory of a stopped process a snapshot copies: the live parts of all stacks, and what records point to.
///
/// Everything is clamped to mappings that exist, and the sum is bounded: records and registers may hold anything.
struct StackPlan {
  /// The red zone: 128 bytes below rsp belong to the innermost frame (psABI, 3.2.2).
  static let redZone: UInt64 = 128
  /// Most that is copied for one stack, in bytes.
  static let stackLimit: UInt64 = 64 << 20
  /// Most that is copied in all, in bytes.
  static let totalLimit: UInt64 = 1 << 30
  /// Above this size the pages that exist are looked up first.
  static let pageMapThreshold: UInt64 = 1 << 18
  /// Longest name or wait reason, as in `MemoryReader.string`.
  static let stringLimit: UInt64 = 256

  let maps: ProcessMaps
  private let pageMap: PageMap?
  private var ranges: [Range<UInt64>] = []
  /// Strings planned so far: many fibers wait for the same reason.
  private var strings: Set<UInt64> = []
  /// Bytes that may yet be copied.
  private var left: UInt64
  var problems: [Problem] = []
  /// Fibers whose stacks were found from a thread's registers, by their index.
  var reached: Set<Int> = []
  private var isFull = false
  /// Pages that may yet be looked up: 32 GiB of addresses, 64 MiB of the page map.
  private var lookups: UInt64 = 1 << 23

  /// - Parameter limit: the most bytes to copy in all.
  init(maps: ProcessMaps, pageMap: PageMap?, limit: UInt64 = totalLimit) {
    self.maps = maps
    self.pageMap = pageMap
    left = limit
  }

  /// What to copy: by ascending address, disjoint. O(n log n).
  func merged() -> [Range<UInt64>] {
    var result: [Range<UInt64>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = result.last, range.lowerBound <= last.upperBound {
        result[result.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        result.append(range)
      }
    }
    return result
  }

  /// Adds the part of `start..<end` up to the first gap between mappings.
  ///
  /// - Parameter stack: whose it is, for the problem when it is larger than the limit.
  mutating func add(_ start: UInt64, to end: UInt64, stack: @autoclosure () -> String) {
    guard !isFull, let range = maps.readable(from: start, to: end) else { return }
    guard range.upperBound - range.lowerBound > Self.pageMapThreshold, let parts = pageMap?.present(in: range) else {
      append(range.prefix(Self.stackLimit), cut: range.upperBound - range.lowerBound > Self.stackLimit, stack())
      return
    }
    lookups = lookups.saturatingSubtracting(
      min(PageMap.window, (range.upperBound - range.lowerBound) / PageMap.pageSize))
    if lookups == 0 { fill("the stacks take up too many addresses to look for those in use") }
    var left = Self.stackLimit
    if range.upperBound - range.lowerBound > PageMap.window * PageMap.pageSize { problems.append(Self.cut(stack())) }
    for part in parts {
      guard left > 0 else {
        problems.append(Self.cut(stack()))
        return
      }
      let size = part.upperBound - part.lowerBound
      append(part.prefix(left), cut: size > left, stack())
      left = left.saturatingSubtracting(size)
    }
  }

  /// Adds the name or wait reason at `start`; 0 is none.
  mutating func addString(at start: UInt64) {
    if start != 0, strings.insert(start).inserted { addData(at: start, size: Self.stringLimit) }
  }

  /// Adds a word or two that lie at `start`.
  mutating func addData(at start: UInt64, size: UInt64) {
    guard let range = maps.readable(from: start, to: start.saturatingAdding(size)) else { return }
    append(range, cut: false, "")
  }

  private mutating func append(_ range: Range<UInt64>, cut: Bool, _ stack: @autoclosure () -> String) {
    guard !isFull else { return }
    let size = range.upperBound - range.lowerBound
    guard size <= left else { return fill("the stacks are larger than \(Self.totalLimit >> 20) MiB in all") }
    left -= size
    ranges.append(range)
    if cut { problems.append(Self.cut(stack())) }
  }

  /// Adds nothing any more.
  private mutating func fill(_ why: String) {
    isFull = true
    problems.append(Problem("\(why): the rest was not copied, traces there end early"))
  }

  private static func cut(_ stack: String) -> Problem {
    Problem("\(stack) is larger than \(stackLimit >> 20) MiB: only so much of it was copied, its trace may end early")
  }
}

extension Range<UInt64> {
  /// The first `size` addresses.
  fileprivate func prefix(_ size: UInt64) -> Range<UInt64> {
    lowerBound..<Swift.min(upperBound, lowerBound.saturatingAdding(size))
  }
}
