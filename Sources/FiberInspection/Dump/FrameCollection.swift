/// Collects the distinct frames and stacks of walks.
struct FrameCollection {
  private var numbers: [FrameTable.Frame: UInt32] = [:]
  private var frames: [FrameTable.Frame] = []
  /// Equal stacks share their storage.
  private var stacks: Set<[UInt32]> = []

  /// The numbers of `frames`. O(frames).
  mutating func intern(_ frames: ArraySlice<WalkedFrame>) -> [UInt32] {
    var stack: [UInt32] = []
    stack.reserveCapacity(frames.count)
    for frame in frames { stack.append(number(of: frame)) }
    return stacks.insert(stack).memberAfterInsert
  }

  private mutating func number(of walked: WalkedFrame) -> UInt32 {
    let frame = FrameTable.Frame(walked)
    if let known = numbers[frame] { return known }
    let number = UInt32(frames.count)
    numbers[frame] = number
    frames.append(frame)
    return number
  }

  /// To name the frames, once all are known. What only collecting needs is given up: it is as large as the crowd is diverse.
  consuming func naming() -> FrameNaming { FrameNaming(frames) }
}
