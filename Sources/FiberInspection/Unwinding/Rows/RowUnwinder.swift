/// Walks by the rows of call frame information, each distinct pc looked up once; where there are none by frame pointer, and
/// where that leads nowhere by a scan of the stack.
///
/// Frames found by rows are those that libdw finds; `LibdwUnwinder` says how both decide.
package struct RowUnwinder: StackStartUnwinder {
  package let name = "rows"

  /// Call frame information that walks so far have asked for and that could not be read, one line each.
  package var problems: [Problem] { table.problems }

  private let code: CodeRanges
  private var words: SnapshotWords
  private var table: StepTable
  /// How many operations of expressions all walks together may yet execute.
  private var operationsLeft: Int

  /// About a second of them. Real frames have few expressions, of about ten; a hostile module may have a loop for each register.
  package static let operationLimit = 1 << 24
  /// Some seconds of them, in bytes. A row is found by executing all instructions before it: each of a million pcs may be in an
  /// FDE, or under a CIE, of megabytes. Real ones have some dozens.
  package static let instructionLimit = 1 << 27

  /// An unwinder of the stacks of `snapshot`.
  ///
  /// - Parameters:
  ///   - debugDirectory: where separate debug files lie, by build-id.
  ///   - operationLimit: how many operations of expressions all walks together may execute.
  ///   - instructionLimit: how many bytes of CFA instructions all lookups of rows together may execute.
  package init(
    _ snapshot: Snapshot, debugDirectory: String = "/usr/lib/debug", operationLimit: Int = operationLimit,
    instructionLimit: Int = instructionLimit
  ) {
    operationsLeft = operationLimit
    code = CodeRanges(snapshot.mappings)
    words = SnapshotWords(snapshot.memory)
    table = StepTable(
      snapshot.modules, memory: snapshot.memory, debugDirectory: debugDirectory, instructionLimit: instructionLimit)
  }

  /// Memory has changed since the last walk. Rows are what they were, and a walk has all its operations again.
  package mutating func forgetMemory(operationLimit: Int = operationLimit) {
    words.forget()
    operationsLeft = operationLimit
  }

  /// What the row in force at `address` does, a lookup address; each is looked up once.
  package mutating func step(at address: UInt64) -> Step {
    // Before `steps` is read: it may add a step.
    let index = table.index(at: address)
    return table.steps[index]
  }

  /// O(frames), and O(log n) with few constants for a pc met before: a row is looked up once.
  package mutating func walk(from registers: Registers, limit: Int) -> Walk {
    var walker = Walker(limit: limit, registers: FrameRegisters(registers))
    if limit > 1 { skipBadCall(&walker) }
    while walker.end == nil { advance(&walker) }
    return Walk(frames: walker.frames, end: walker.end ?? .outermost)
  }

  /// Registers where stacks begin that a walk from `registers` comes to: in the frame after each of `bases`.
  ///
  /// At a base it forgets all but pc, rsp and rbp, since the others hold what code on the inner stack left in them. So what is
  /// known beyond is what rules of the base's row recover.
  package mutating func registers(beyond bases: [Int], from registers: Registers) -> [Registers?] {
    var walker = Walker(limit: (bases.last ?? 0) + 2, registers: FrameRegisters(registers))
    if walker.limit > 1 { skipBadCall(&walker) }
    return bases.map { base in
      while walker.end == nil, walker.frames.count < base { advance(&walker) }
      guard walker.end == nil, walker.frames.count == base else { return nil }
      walker.registers.keep(FrameRegisters.walked)
      advance(&walker)
      return walker.end == nil ? Registers(walker.registers) : nil
    }
  }

  /// The state of one walk.
  private struct Walker {
    let limit: Int
    var frames: [WalkedFrame] = []
    var end: Walk.End?
    /// Of the frame that comes next.
    var registers: FrameRegisters
    /// How it was found.
    var found = WalkedFrame.Found.cfi
    /// It is the innermost one, or its callee was a signal frame: its pc is that of its next instruction.
    var isInterrupted = true
    var restsOnScan = false
    var cycle = CycleCheck()

    init(limit: Int, registers: FrameRegisters) {
      self.limit = limit
      self.registers = registers
      // Most stacks have fewer.
      frames.reserveCapacity(min(limit, 24))
    }

    mutating func append(isExact: Bool) {
      let pc = registers.programCounter
      frames.append(
        WalkedFrame(
          programCounter: isExact ? .exact(pc) : .returnAddress(pc),
          stackPointer: registers[FrameRegisters.stackPointer], framePointer: registers[FrameRegisters.framePointer],
          found: found, restsOnScan: restsOnScan))
      if found == .scan { restsOnScan = true }
    }
  }

  /// A pc that is no code comes of a call through a null or wild pointer, whose return address is the top of the stack.
  private mutating func skipBadCall(_ walker: inout Walker) {
    guard !code.contains(walker.registers.programCounter),
      let stackPointer = walker.registers[FrameRegisters.stackPointer], let caller = words.word(at: stackPointer),
      code.contains(caller &- 1)
    else { return }
    walker.append(isExact: true)
    walker.registers[FrameRegisters.programCounter] = caller
    walker.registers[FrameRegisters.stackPointer] = stackPointer &+ 8
    walker.found = .top
    walker.isInterrupted = false
  }

  /// Takes the next frame, and finds the one after it or the end.
  @inline(__always) private mutating func advance(_ walker: inout Walker) {
    guard walker.frames.count < walker.limit else { return walker.end = .limit }
    let pc = walker.registers.programCounter
    if let stackPointer = walker.registers[FrameRegisters.stackPointer],
      walker.cycle.isSeen(pc, stackPointer, after: walker.frames)
    {
      return walker.end = .cycle
    }
    let lookup = walker.isInterrupted ? pc : pc &- 1
    let index = table.index(at: lookup)
    let kind = table.steps[index].kind
    let isSignalFrame = table.steps[index].isSignalFrame
    // A signal trampoline is returned to and was never called: its own pc says what it is.
    let isExact = walker.isInterrupted || isSignalFrame
    walker.append(isExact: isExact)
    switch kind {
    case .compact: take(index, &walker)
    case .general:
      var evaluation = RowEvaluation(
        table.rows[Int(table.steps[index].index)], registers: walker.registers, memory: words.memory,
        operationsLeft: operationsLeft)
      defer { operationsLeft = evaluation.operationsLeft }
      switch evaluation.caller() {
      case .caller(let caller): walker.registers = caller
      case .outermost: walker.end = .outermost
      case .failed(let reason): walker.end = .failed(reason)
      }
      walker.found = .cfi
    case .outermost: walker.end = .outermost
    case .defective: walker.end = .failed("\(table.faults[Int(table.steps[index].index)])")
    case .uncovered: goOnWithoutRow(isExact ? pc : pc &- 1, &walker)
    }
    walker.isInterrupted = isSignalFrame
  }

  /// Carries out a compact step.
  @inline(__always) private mutating func take(_ index: Int, _ walker: inout Walker) {
    let frame = walker.registers
    let step = table.steps[index]
    guard let base = frame[step.cfaRegister] else {
      let register = step.cfaRegister
      return walker.end = .failed(
        "the frame lies where register \(register) says, whose value is not known in this frame")
    }
    var cfa = base &+ UInt64(truncatingIfNeeded: step.cfaOffset)
    if step.isLoaded {
      guard let word = words.word(at: cfa) else { return walker.end = .failed(notInSnapshot(cfa)) }
      cfa = word &+ UInt64(truncatingIfNeeded: step.cfaAddend)
    }
    let place = cfa &+ UInt64(truncatingIfNeeded: step.returnOffset)
    guard let caller = words.word(at: place) else { return walker.end = .failed(notInSnapshot(place)) }
    // No code is there: the outermost frame has such a return address where unwind information does not tell.
    if caller == 0 { return walker.end = .outermost }
    walker.registers.keep(step.kept)
    walker.registers[FrameRegisters.stackPointer] = cfa
    for number in 0..<Int(step.changeCount) {
      let change = step.changes[number]
      let offset = UInt64(truncatingIfNeeded: change.offset)
      switch change.kind {
      case .saved: walker.registers[change.register] = words.word(at: cfa &+ offset)
      case .savedAtRegister:
        walker.registers[change.register] = frame[change.base].flatMap { words.word(at: $0 &+ offset) }
      case .value: walker.registers[change.register] = cfa &+ offset
      }
    }
    walker.registers[FrameRegisters.programCounter] = caller
    walker.found = .cfi
  }
}

extension RowUnwinder {
  /// By frame pointer if that leads to a frame, else by the nearest return address on the stack.
  @inline(never) private mutating func goOnWithoutRow(_ lookup: UInt64, _ walker: inout Walker) {
    // From a word that is no code, the frame pointer would only lead to more garbage. The innermost pc may be one: a call
    // through a bad pointer.
    let isCode = code.contains(lookup)
    if walker.frames.count > 1, !isCode {
      let address = hexadecimal(walker.registers.programCounter)
      return walker.end = .failed("\(address) is not code: the stack is damaged, or unwind information is wrong")
    }
    var step = FallbackStep(code: code, words: words)
    defer { words = step.words }
    let chained = step.byFramePointer(walker.registers)
    if case .caller(let caller, isCode: true) = chained {
      walker.registers = caller
      walker.found = .fp
      return
    }
    if isCode, let caller = step.byScan(walker.registers) {
      walker.registers = caller
      walker.found = .scan
      return
    }
    switch chained {
    case .caller(let caller, _):
      // Worth showing, though it ends the walk.
      walker.registers = caller
      walker.found = .fp
    case .unreadable(let address): walker.end = .failed(notInSnapshot(address))
    case .none:
      let pointer = walker.registers[FrameRegisters.framePointer].map(hexadecimal) ?? "unknown"
      walker.end = .failed(
        "no unwind information covers \(hexadecimal(lookup)), and rbp (\(pointer)) leads to no frame")
    }
  }
}
