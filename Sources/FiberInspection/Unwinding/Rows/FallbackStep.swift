/// Finds callers where no row covers a pc.
struct FallbackStep {
  /// Words of a stack that a scan looks at: locals of one function lie between its sp and its return address.
  static let scanLimit: UInt64 = 512

  /// What following rbp leads to.
  enum Chained {
    /// A frame; `isCode`: its pc may be executed.
    case caller(FrameRegisters, isCode: Bool)
    /// Its record would lie at this address.
    case unreadable(UInt64)
    case none
  }

  let code: CodeRanges
  var words: SnapshotWords

  /// As libdw does: the return address lies above the word that rbp points to, which is the caller's rbp, and the stack has to
  /// shrink. What other registers held is not known then.
  mutating func byFramePointer(_ frame: FrameRegisters) -> Chained {
    guard let pointer = frame[FrameRegisters.framePointer], pointer != 0, pointer < .max - 16,
      let stackPointer = frame[FrameRegisters.stackPointer], pointer + 16 > stackPointer
    else { return .none }
    guard let address = words.word(at: pointer + 8) else { return .unreadable(pointer + 8) }
    guard address != 0 else { return .none }
    var caller = frame
    caller.keep(0)
    caller[FrameRegisters.framePointer] = words.word(at: pointer) ?? 0
    caller[FrameRegisters.stackPointer] = pointer + 16
    caller[FrameRegisters.programCounter] = address
    return .caller(caller, isCode: code.contains(address &- 1))
  }

  /// The nearest word of the stack that may be executed and that a call stands before. rbp is taken as unchanged: like the frame
  /// itself, that is a guess.
  mutating func byScan(_ frame: FrameRegisters) -> FrameRegisters? {
    guard let stackPointer = frame[FrameRegisters.stackPointer], stackPointer % 8 == 0 else { return nil }
    for number in 0..<Self.scanLimit {
      let (place, overflow) = stackPointer.addingReportingOverflow(number * 8)
      // The end of what was copied is the end of the stack.
      guard !overflow, let address = words.word(at: place) else { return nil }
      guard code.contains(address &- 1), isCalled(before: address) else { continue }
      var caller = frame
      caller.keep(1 << UInt32(FrameRegisters.framePointer))
      caller[FrameRegisters.stackPointer] = place &+ 8
      caller[FrameRegisters.programCounter] = address
      return caller
    }
    return nil
  }

  private func isCalled(before address: UInt64) -> Bool {
    // A mapping of code may begin a few bytes before.
    for size in (5...CallSite.longest).reversed() {
      let start = address &- UInt64(size)
      guard code.contains(start) else { continue }
      let bytes = words.memory.bytes(at: start, count: size)
      if bytes.count == size { return CallSite.ends(bytes, before: address, isCode: code.contains) }
    }
    return false
  }
}
