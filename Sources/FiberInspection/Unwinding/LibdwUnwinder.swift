internal import CLibdw

/// Walks by libdw: by CFI, and by frame pointer where a pc has none.
package struct LibdwUnwinder: Unwinder {
  package let name = "libdw"

  private let session: LibdwSession
  private let code: CodeRanges
  private var coverage: CallFrameCoverageCache

  /// An unwinder of the snapshot that `session` was made of.
  package init(session: LibdwSession, mappings: [Mapping]) {
    self.session = session
    code = CodeRanges(mappings)
    coverage = CallFrameCoverageCache(session: session)
  }

  package mutating func walk(from registers: Registers, limit: Int) -> Walk {
    let collector = FrameCollector(limit: limit, code: code, coverage: coverage)
    session.state.registers = collector.skipBadCall(registers, memory: session.state.memory) ?? registers
    session.state.unreadable = nil
    let argument = unsafe Unmanaged.passUnretained(collector).toOpaque()
    let result = unsafe dwfl_getthread_frames(
      session.handle, libdwWalkThread,
      { frame, argument in
        guard let frame = unsafe frame, let argument = unsafe argument else { return Int32(DWARF_CB_ABORT) }
        let collector = unsafe Unmanaged<FrameCollector>.fromOpaque(argument).takeUnretainedValue()
        let goesOn = unsafe collector.take(frame)
        return goesOn ? Int32(DWARF_CB_OK) : Int32(DWARF_CB_ABORT)
      }, argument)
    coverage = collector.coverage

    let end: Walk.End
    if let stopped = collector.end {
      end = stopped
    } else if result == 0 {
      end = .outermost
    } else {
      end = .failed(failure(after: collector))
    }
    return Walk(frames: collector.frames, end: end)
  }

  /// Why libdw could not go on from the last frame.
  private func failure(after collector: FrameCollector) -> String {
    let message = LibdwError.lastMessage()
    guard let last = collector.frames.last else { return "libdw: \(message)" }
    if let address = session.state.unreadable {
      return "the caller of this frame lies at \(hexadecimal(address)), which is not in the snapshot"
    }
    guard case .none = collector.coverageOfLast else { return "libdw: \(message)" }
    return "no unwind information covers \(hexadecimal(last.programCounter.lookup)), "
      + "and rbp (\(last.framePointer.map(hexadecimal) ?? "unknown")) leads to no frame"
  }
}

/// Takes the frames of one walk from libdw, and ends the walk where libdw would not.
private final class FrameCollector {
  var frames: [WalkedFrame] = []
  var end: Walk.End?
  var coverage: CallFrameCoverageCache
  /// How the caller of the last frame is found; before the first, as if a signal had interrupted it.
  var coverageOfLast: CallFrameCoverage = .covered(isSignalFrame: true)

  private let limit: Int
  private let code: CodeRanges
  private var seen: Set<Position> = []
  /// The next frame is the caller that `skipBadCall` found.
  private var isAfterBadCall = false

  private struct Position: Hashable {
    var programCounter: UInt64
    var stackPointer: UInt64
  }

  init(limit: Int, code: CodeRanges, coverage: CallFrameCoverageCache) {
    self.limit = limit
    self.code = code
    self.coverage = coverage
  }

  /// Where the walk goes on from a pc that is no code: a call through a null or wild pointer. Its return address is the top of
  /// the stack. nil if the pc is code, or if no call can have led there.
  func skipBadCall(_ registers: Registers, memory: any MemoryReader) -> Registers? {
    let sp = registers.stackPointer
    guard !code.contains(registers.programCounter), limit > 1, let address = memory.word(at: sp),
      code.contains(address &- 1)
    else { return nil }
    frames.append(
      WalkedFrame(
        programCounter: .exact(registers.programCounter), stackPointer: sp, framePointer: registers.framePointer,
        found: .cfi))
    isAfterBadCall = true
    var caller = registers
    // libdw takes a first pc as exact: the call itself has the row of its return address.
    caller.programCounter = address &- 1
    caller.stackPointer = sp &+ 8
    return caller
  }

  /// Takes a frame; false ends the walk.
  func take(_ frame: OpaquePointer) -> Bool {
    guard frames.count < limit else { return stop(.limit) }
    var address: Dwarf_Addr = 0
    // Asked whether the pc is exact, libdw would go on to the next frame, past the check below.
    guard unsafe dwfl_frame_pc(frame, &address, nil) else {
      return stop(.failed("libdw gives a frame without a pc"))
    }
    let isCaller = isAfterBadCall
    isAfterBadCall = false
    if isCaller {
      address &+= 1
      coverageOfLast = .covered(isSignalFrame: false)
    }
    let stackPointer = unsafe register(7, of: frame)
    // A frame whose rsp is unknown is left to `limit`.
    if let stackPointer,
      !seen.insert(Position(programCounter: address, stackPointer: stackPointer)).inserted
    {
      return stop(.cycle)
    }
    let found: WalkedFrame.Found = if isCaller { .top } else if case .none = coverageOfLast { .fp } else { .cfi }
    // The row is that of the call, the instruction before a return address, unless this frame was interrupted.
    let wasInterrupted = isSignalFrame(coverageOfLast)
    coverageOfLast = coverage.coverage(of: wasInterrupted ? address : address &- 1)
    // A signal trampoline is returned to and was never called: its own pc says what it is.
    let isExact = wasInterrupted || isSignalFrame(coverageOfLast)
    let walked = WalkedFrame(
      programCounter: isExact ? .exact(address) : .returnAddress(address), stackPointer: stackPointer,
      framePointer: unsafe register(6, of: frame), found: found)
    frames.append(walked)

    if case .refused(let reason) = coverageOfLast {
      return stop(.failed("at \(hexadecimal(address)) \(reason)"))
    }
    // From a word that is no code, the frame pointer would only lead to more garbage. The innermost pc may be one: a call
    // through a bad pointer.
    if case .none = coverageOfLast, frames.count > 1, !code.contains(walked.programCounter.lookup) {
      return stop(.failed("\(hexadecimal(address)) is not code: the stack is damaged, or unwind information is wrong"))
    }
    return true
  }

  private func isSignalFrame(_ coverage: CallFrameCoverage) -> Bool {
    if case .covered(isSignalFrame: true) = coverage { true } else { false }
  }

  private func stop(_ end: Walk.End) -> Bool {
    self.end = end
    return false
  }

  private func register(_ number: UInt32, of frame: OpaquePointer) -> UInt64? {
    var value: Dwarf_Word = 0
    return unsafe dwfl_frame_reg(frame, number, &value) == 0 ? value : nil
  }
}
