/// Finds a frame that comes again, which ends a walk: from there on it would repeat for ever.
///
/// On one stack every caller lies higher. Only once a walk has gone down, as it does where one stack resumed another, can a
/// position come again; until then there is nothing to compare.
struct CycleCheck {
  private struct Position: Hashable {
    var programCounter: UInt64
    var stackPointer: UInt64
  }

  /// So many frames are compared one by one rather than hashed.
  private static let fewFrames = 64

  private var highest: UInt64 = 0
  private var hasTurned = false
  private var seen: Set<Position> = []
  private var isHashed = false

  /// Whether one of `frames`, all so far, was at this pc and sp.
  @inline(__always) mutating func isSeen(_ pc: UInt64, _ sp: UInt64, after frames: [WalkedFrame]) -> Bool {
    if sp > highest, !hasTurned {
      highest = sp
      return false
    }
    return isSeenAfterTurn(pc, sp, frames)
  }

  @inline(never) private mutating func isSeenAfterTurn(_ pc: UInt64, _ sp: UInt64, _ frames: [WalkedFrame]) -> Bool {
    hasTurned = true
    guard frames.count > Self.fewFrames else {
      return frames.contains { $0.programCounter.address == pc && $0.stackPointer == sp }
    }
    if !isHashed {
      isHashed = true
      for frame in frames {
        if let sp = frame.stackPointer {
          seen.insert(Position(programCounter: frame.programCounter.address, stackPointer: sp))
        }
      }
    }
    return !seen.insert(Position(programCounter: pc, stackPointer: sp)).inserted
  }
}
