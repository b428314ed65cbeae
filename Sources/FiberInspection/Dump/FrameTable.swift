/// The distinct frames of a dump with their places. A trace holds numbers of frames here: of a hundred thousand fibers most
/// frames are alike, and each place is named once.
final class FrameTable: Sendable {
  /// A frame without its stack.
  struct Frame: Sendable, Hashable {
    /// Its pc.
    let address: UInt64
    /// The pc is that of the next instruction, not a return address.
    let isExact: Bool
    let found: WalkedFrame.Found
    /// It follows from a frame that was found by a scan.
    let restsOnScan: Bool

    init(_ walked: WalkedFrame) {
      address = walked.programCounter.address
      if case .exact = walked.programCounter { isExact = true } else { isExact = false }
      found = walked.found
      restsOnScan = walked.restsOnScan
    }

    var programCounter: WalkedFrame.ProgramCounter { isExact ? .exact(address) : .returnAddress(address) }
  }

  /// By number.
  let frames: [Frame]
  /// For each frame the index of its location; one that is shown nowhere has none, which is 0.
  private let places: [UInt32]
  /// The first stands for none.
  private let locations: [Location]

  fileprivate init(frames: [Frame], places: [UInt32], locations: [Location]) {
    self.frames = frames
    self.places = places
    self.locations = locations
  }

  /// What is known of a frame's place.
  func location(of frame: UInt32) -> Location { locations[Int(places[Int(frame)])] }
}

/// Collects the distinct frames and stacks of walks, and names those that are shown when all are known.
struct FrameCollection {
  private var numbers: [FrameTable.Frame: UInt32] = [:]
  private var frames: [FrameTable.Frame] = []
  private var isShown: [Bool] = []
  /// Equal stacks share their storage.
  private var stacks: Set<[UInt32]> = []

  /// The numbers of `frames`, of which all but those in `omitted` will be shown. O(frames).
  mutating func intern(_ frames: ArraySlice<WalkedFrame>, omitted: Range<Int>) -> [UInt32] {
    var stack: [UInt32] = []
    stack.reserveCapacity(frames.count)
    for frame in frames { stack.append(number(of: frame)) }
    for range in [0..<omitted.lowerBound, omitted.upperBound..<stack.count] {
      for index in range { isShown[Int(stack[index])] = true }
    }
    return stacks.insert(stack).memberAfterInsert
  }

  private mutating func number(of walked: WalkedFrame) -> UInt32 {
    let frame = FrameTable.Frame(walked)
    if let known = numbers[frame] { return known }
    let number = UInt32(frames.count)
    numbers[frame] = number
    frames.append(frame)
    isShown.append(false)
    return number
  }

  /// The table, with each distinct place that is shown looked up once.
  ///
  /// - Parameter progress: told how many places are named.
  consuming func table(by locations: inout some LocationSource, progress: (DumpProgress) -> Void) -> FrameTable {
    // Empty before the table exists: they are as large as the crowd is diverse.
    numbers = [:]
    stacks = []
    var indexes: [UInt64: UInt32] = [:]
    var found = [Location()]
    var places = [UInt32](repeating: 0, count: frames.count)
    let total = isShown.count { $0 }
    var done = 0
    for (number, frame) in frames.enumerated() where isShown[number] {
      let address = frame.programCounter.lookup
      if let known = indexes[address] {
        places[number] = known
      } else {
        places[number] = UInt32(found.count)
        indexes[address] = UInt32(found.count)
        found.append(locations.location(of: address))
      }
      done += 1
      progress(DumpProgress(phase: .naming, done: done, total: total))
    }
    return FrameTable(frames: frames, places: places, locations: found)
  }
}
