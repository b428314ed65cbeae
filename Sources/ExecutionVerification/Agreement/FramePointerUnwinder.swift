internal import FiberInspection

/// Walks the chain of frame pointers and looks at nothing else, as profilers do (`perf record -g`): above each saved rbp lies a
/// return address. Where code keeps no frame pointer it misses frames and does not know.
struct FramePointerUnwinder: Unwinder {
  let name = UnwinderName.fp.rawValue
  let memory: any MemoryReader

  mutating func walk(from registers: Registers, limit: Int) -> Walk {
    var pointer = registers.framePointer
    var frames = [
      WalkedFrame(
        programCounter: .exact(registers.programCounter), stackPointer: registers.stackPointer, framePointer: pointer,
        found: .cfi)
    ]
    // A chain that comes back to where it was is followed up to `limit`, which bounds it.
    while frames.count < limit {
      guard pointer != 0, pointer % 8 == 0, pointer < .max - 16 else { return Walk(frames: frames, end: .outermost) }
      guard let next = memory.word(at: pointer), let address = memory.word(at: pointer + 8) else {
        return Walk(frames: frames, end: .failed("there is no memory at rbp, \(PacketText.hexadecimal(pointer))"))
      }
      guard address != 0 else { return Walk(frames: frames, end: .outermost) }
      // Where a frame ends a chain does not tell: on another stack it is not behind the record.
      frames.append(
        WalkedFrame(programCounter: .returnAddress(address), stackPointer: nil, framePointer: next, found: .fp))
      pointer = next
    }
    return Walk(frames: frames, end: .limit)
  }
}
