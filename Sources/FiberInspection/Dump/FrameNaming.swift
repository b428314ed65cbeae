/// Decides which frames of stacks are shown, and names these.
struct FrameNaming {
  /// The longest row that a limit does not count: a damaged stack may have any number of the runtime's frames.
  static let longestRow = 64

  private let frames: [FrameTable.Frame]
  private var isShown: [Bool]
  /// Of frames that were asked for, whether they are the runtime's own.
  private var isOfRuntime: [Bool?]
  /// By lookup address.
  private var indexes: [UInt64: UInt32] = [:]
  /// The first stands for none.
  private var locations = [Location()]

  init(_ frames: [FrameTable.Frame]) {
    self.frames = frames
    isShown = Array(repeating: false, count: frames.count)
    isOfRuntime = Array(repeating: nil, count: frames.count)
  }

  /// Shows `stack`, and answers the numbers of its frames that are left out by `limit`: of a recursion both ends tell something,
  /// the outer one who began it. O(frames that are shown).
  ///
  /// - Parameter innermost: how many of its frames lie on the innermost stack: the runtime's row ends with that.
  mutating func omission(
    from stack: [UInt32], innermost: Int, limit: FrameLimit, by source: inout some LocationSource
  ) -> Range<Int> {
    var omitted = 0..<0
    if stack.count > limit.frames {
      let row = limit.countsRuntime ? 0 : runtimeRow(stack.prefix(min(innermost, Self.longestRow)), by: &source)
      if stack.count - row > limit.frames {
        let outer = limit.frames / 4
        omitted = (row + limit.frames - outer)..<(stack.count - outer)
      }
    }
    for range in [0..<omitted.lowerBound, omitted.upperBound..<stack.count] {
      for index in range { isShown[Int(stack[index])] = true }
    }
    return omitted
  }

  /// How many frames `stack` begins with that are the runtime's own.
  private mutating func runtimeRow(_ stack: ArraySlice<UInt32>, by source: inout some LocationSource) -> Int {
    var count = 0
    for frame in stack {
      guard isOfRuntime(Int(frame), by: &source) else { break }
      count += 1
    }
    return count
  }

  private mutating func isOfRuntime(_ number: Int, by source: inout some LocationSource) -> Bool {
    if let known = isOfRuntime[number] { return known }
    let location = locations[Int(place(of: frames[number], by: &source))]
    // A frame found another way is doubtful, and has its line.
    let answer =
      frames[number].found == .cfi && !location.functions.isEmpty
      && location.functions.allSatisfy(location.isOfFiberRuntime)
    isOfRuntime[number] = answer
    return answer
  }

  /// The index of a frame's location, which is looked up once.
  private mutating func place(of frame: FrameTable.Frame, by source: inout some LocationSource) -> UInt32 {
    let address = frame.programCounter.lookup
    if let known = indexes[address] { return known }
    let place = UInt32(locations.count)
    indexes[address] = place
    locations.append(source.location(of: address))
    return place
  }

  /// The table, with each distinct place that is shown looked up once.
  ///
  /// - Parameter progress: told how many places are named.
  consuming func table(by source: inout some LocationSource, progress: (DumpProgress) -> Void) -> FrameTable {
    var places = [UInt32](repeating: 0, count: frames.count)
    let total = isShown.count { $0 }
    var done = 0
    for (number, frame) in frames.enumerated() where isShown[number] {
      places[number] = place(of: frame, by: &source)
      done += 1
      progress(DumpProgress(phase: .naming, done: done, total: total))
    }
    return FrameTable(frames: frames, places: places, locations: locations)
  }
}
