internal import FiberInspection

/// Callers that rows lead to, from the innermost outwards.
struct StackWalk {
  enum End: Equatable {
    /// The last one has no caller, its row says.
    case outermost
    /// As many as were asked for.
    case limit
    /// No row covers the last one.
    case uncovered
    /// The last one's row cannot be carried out.
    case failed
  }

  var frames: [TrueFrame] = []
  var end = End.limit

  /// Callers that somebody found.
  init(_ frames: [TrueFrame], _ end: End) {
    self.frames = frames
    self.end = end
  }

  /// Walks from registers at an instruction outwards.
  init(_ map: CodeMap, from start: FrameRegisters, limit: Int, _ words: inout StepWords) {
    var walker = StackWalker(start)
    while frames.count < limit {
      guard walker.step(map, &words) != nil else {
        end = walker.end
        return
      }
      if walker.frame.programCounter == 0 {
        end = .outermost
        return
      }
      guard let sp = walker.frame[FrameRegisters.stackPointer] else {
        end = .failed
        return
      }
      frames.append(TrueFrame(pc: walker.frame.programCounter, sp: sp))
    }
  }
}

/// Carries out the rows of frame after frame.
struct StackWalker {
  /// The registers of the frame that it has come to.
  private(set) var frame: FrameRegisters
  /// Why it goes no further.
  private(set) var end = StackWalk.End.failed
  /// It stands at an instruction, not behind a call.
  private var isExact = true

  init(_ start: FrameRegisters) { frame = start }

  /// Goes to the caller. Answers what the row says of it, nil if there is none to go to.
  @inline(__always) mutating func step(_ map: CodeMap, _ words: inout StepWords) -> RowClaim? {
    let pc = frame.programCounter
    let index = map.index(at: isExact ? pc : pc &- 1)
    let claim: RowClaim?
    switch map.points[index].step.kind {
    case .compact: claim = RowClaim(map.points[index].step, frame, &words)
    case .general: claim = map.points[index].found.flatMap { Self.evaluated($0, frame, words.memory) }
    case .outermost:
      end = .outermost
      return nil
    case .uncovered:
      end = .uncovered
      return nil
    case .defective: return nil
    }
    guard let claim else { return nil }
    frame = claim.caller
    isExact = map.points[index].step.isSignalFrame
    return claim
  }

  @inline(never) private static func evaluated(
    _ found: FoundRow, _ frame: FrameRegisters, _ memory: any MemoryReader
  ) -> RowClaim? {
    if case .claim(let claim) = RowClaim.evaluate(found, frame, memory) { return claim }
    return nil
  }
}

/// The callers that there are.
struct TrueCallers {
  enum Item: Equatable {
    /// If the frame was moved, its rows may say so: what rsp is then; else 0.
    case frame(TrueFrame, moved: UInt64)
    /// The first frames of a stack that another resumed: rows lead from them to the resumer, or end.
    case base
    /// What comes next was so once: a walk that goes on otherwise may be right.
    case unsure
    /// What comes next is not known.
    case unknown
  }

  /// A base has no more frames than this of its own: those that no call made.
  static let mostBaseFrames = 4

  private(set) var items: [Item] = []

  /// Of what runs on top of `stack`, at most `limit`.
  init(of stack: ShadowStack, limit: Int) {
    var next: ShadowStack? = stack
    while let stack = next {
      for frame in stack.frames.reversed() {
        guard items.count < limit else {
          items.append(.unknown)
          return
        }
        items.append(.frame(TrueFrame(pc: frame.returnAddress, sp: frame.cfa), moved: frame.moved))
        if frame.isPartial {
          items.append(.unknown)
          return
        }
      }
      // Below a signal's handler on a stack of its own lies what was interrupted.
      let isHandler = stack.frames.first?.kind == .interrupted
      guard stack.isFresh, items.count < limit else {
        items.append(.unknown)
        return
      }
      if !isHandler { items.append(.base) }
      if stack.hasRun { items.append(.unsure) }
      next = stack.resumer
    }
  }

  /// Nothing else differs than what the program has overwritten itself: a return address, or what a handler shall return to.
  private static func isOverwritten(_ found: TrueFrame, _ frame: TrueFrame, _ words: inout StepWords) -> Bool {
    found.sp == frame.sp && words.word(at: frame.sp &- 8) == found.pc
  }

  /// What comes of holding a walk against them.
  struct Comparison {
    /// So many of the walk's frames are right: all, if all callers are known and nothing differs.
    var confirmed = 0
    /// The frame number (from 0, the caller) where it goes wrong, with what is there.
    var difference: (frame: Int, claimed: UInt64, actual: UInt64)?
    /// The frame that is there.
    var truth: TrueFrame?
  }

  /// Where a walk goes wrong; nil where it does not.
  func difference(from walk: StackWalk, _ words: inout StepWords) -> (frame: Int, claimed: UInt64, actual: UInt64)? {
    compared(with: walk, &words).difference
  }

  /// How far a walk is right.
  func compared(with walk: StackWalk, _ words: inout StepWords) -> Comparison {
    var position = 0
    var isSure = true
    var mayEnd = false
    var spare = 0
    for item in items {
      switch item {
      case .unknown: return Comparison(confirmed: position)
      case .unsure: isSure = false
      case .base:
        mayEnd = true
        spare = Self.mostBaseFrames
      case .frame(let frame, let moved):
        let confirmed = position
        while spare > 0, position < walk.frames.count, walk.frames[position] != frame {
          position += 1
          spare -= 1
        }
        guard position < walk.frames.count else {
          // Code without a row is for the reports of that code: no row here is wrong.
          if walk.end == .limit || walk.end == .uncovered { return Comparison(confirmed: position) }
          if !isSure || mayEnd && walk.end == .outermost { return Comparison(confirmed: position) }
          return Comparison(confirmed: confirmed, difference: (position, 0, frame.pc), truth: frame)
        }
        guard
          walk.frames[position] == frame || Self.isOverwritten(walk.frames[position], frame, &words)
            || walk.frames[position] == TrueFrame(pc: frame.pc, sp: moved)
        else {
          guard isSure else { return Comparison(confirmed: confirmed) }
          let found = walk.frames[position]
          return Comparison(
            confirmed: confirmed,
            difference: found.pc == frame.pc ? (position, found.sp, frame.sp) : (position, found.pc, frame.pc),
            truth: frame)
        }
        position += 1
        mayEnd = false
        spare = 0
      }
    }
    return Comparison(confirmed: .max)
  }
}
