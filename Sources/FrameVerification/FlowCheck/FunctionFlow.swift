internal import CallFrameInfo
internal import Instructions

/// One FDE's code cut into blocks, with the rows in force and what is known at each block's start.
///
/// Its arrays are filled again for each function: following millions of instructions allocates next to nothing.
struct FunctionFlow {
  /// A run of instructions that is entered at its start only.
  struct Block {
    /// Index of its first instruction.
    var start: Int32
    /// Index behind its last.
    var end: Int32
    /// `state` is set.
    var isReached = false
    /// A jump or branch of this function leads here.
    var isTarget = false
    /// The verdict of the first instruction's row.
    var verdict = InstructionVerdict.uncounted
    /// What was said of it where it was begun at, without a way that leads to it.
    var origin = InstructionVerdict.uncounted
  }

  private(set) var instructions: [Instruction] = []
  private(set) var rows: [RowClaims] = []
  /// Index of the row in force before each instruction, −1 where there is none.
  private(set) var rowOf: [Int32] = []
  /// Index of the block of each instruction.
  private(set) var blockOf: [Int32] = []
  var blocks: [Block] = []
  /// What is known at the start of each block that is reached; anything for others, and behind the last.
  var states: [AbstractState] = []
  /// By instruction.
  var verdicts: [InstructionVerdict] = []
  /// By instruction: the entries that lead to it, where its verdict is conditional.
  var entries: [EntrySet] = []
  /// Blocks to follow, one bit each.
  private var pending: [UInt64] = []
  /// No word of `pending` before this one has a bit.
  private var firstPending = 0

  /// Takes on a function.
  mutating func begin(_ code: [Instruction]) {
    instructions = code
    rows.removeAll(keepingCapacity: true)
    rowOf.removeAll(keepingCapacity: true)
    rowOf.append(contentsOf: repeatElement(-1, count: code.count))
    verdicts.removeAll(keepingCapacity: true)
    verdicts.append(contentsOf: repeatElement(.uncounted, count: code.count))
    entries.removeAll(keepingCapacity: true)
    entries.append(contentsOf: repeatElement([], count: code.count))
  }

  /// Notes the rows in force before each instruction.
  ///
  /// - Returns: what is wrong with the FDE's instructions; instructions behind that have no row.
  mutating func read(
    _ rows: inout Rows, returnAddressRegister: UInt16, _ convention: Convention, limit: Int
  ) -> CallFrameError? {
    var place = 0
    do throws(CallFrameError) {
      while place < instructions.count, self.rows.count < limit, let row = try rows.next() {
        while place < instructions.count, instructions[place].address < row.addresses.lowerBound { place += 1 }
        guard place < instructions.count, instructions[place].address < row.addresses.upperBound else { continue }
        let index = Int32(self.rows.count)
        self.rows.append(RowClaims(row, returnAddressRegister: returnAddressRegister, convention))
        while place < instructions.count, instructions[place].address < row.addresses.upperBound {
          rowOf[place] = index
          place += 1
        }
      }
    } catch {
      return error
    }
    return nil
  }

  /// The index of the instruction at `address`, nil where none begins. O(log n).
  func index(at address: UInt64) -> Int? {
    // Most calls lead elsewhere.
    guard !instructions.isEmpty, address >= instructions[0].address,
      address <= instructions[instructions.count - 1].address
    else { return nil }
    var low = 0
    var high = instructions.count
    while low < high {
      let middle = (low + high) / 2
      if instructions[middle].address < address { low = middle + 1 } else { high = middle }
    }
    return low < instructions.count && instructions[low].address == address ? low : nil
  }

  /// Cuts the function into blocks: where jumps lead, behind what does not go on, at `labels` and landing pads.
  mutating func cut(
    at labels: some Sequence<UInt64>, targets: [UInt64], _ facts: CodeFacts
  ) {
    blockOf.removeAll(keepingCapacity: true)
    blockOf.append(contentsOf: repeatElement(0, count: instructions.count))
    // No filler but what lies before it has been passed over: a run of traps is passed over once.
    var next = 0
    // While cutting: 1 for a start, 2 for a target.
    for index in instructions.indices {
      switch instructions[index].flow {
      case .jump(let target), .branch(let target):
        if let target, let place = self.index(at: target) { blockOf[place] |= 3 }
        if index + 1 < instructions.count { blockOf[index + 1] |= 1 }
      case .call(let target):
        if let target, let place = self.index(at: target) { blockOf[place] |= 3 }
        if index + 1 < instructions.count,
          rowOf[index + 1] != rowOf[index] || facts.neverReturns(instructions[index].flow)
        {
          blockOf[index + 1] |= 1
        }
      case .indirectCall:
        if index + 1 < instructions.count,
          rowOf[index + 1] != rowOf[index] || facts.neverReturns(instructions[index].flow)
        {
          blockOf[index + 1] |= 1
        }
      case .indirectJump, .return, .stop, .undecodable:
        if index + 1 < instructions.count { blockOf[index + 1] |= 1 }
        // What fills a gap is not what comes behind it.
        next = Swift.max(next, index + 1)
        while next < instructions.count, instructions[next].isFiller { next += 1 }
        if next < instructions.count { blockOf[next] |= 1 }
      default:
        // An address of code that is taken: where a call made of a jump returns to.
        if case .move(_, .constant(let number)) = instructions[index].effect, number > 0,
          let place = self.index(at: UInt64(number))
        {
          blockOf[place] |= 3
        }
      }
    }
    // gcc begins parts with a nop where an offset of 0 would mean no landing pad.
    if hasLeadingFiller { blockOf[1] |= 1 }
    for target in targets { if let place = index(at: target) { blockOf[place] |= 3 } }
    for label in labels { if let place = index(at: label) { blockOf[place] |= 1 } }
    if !blockOf.isEmpty { blockOf[0] |= 1 }
    blocks.removeAll(keepingCapacity: true)
    for index in instructions.indices {
      let isGap = index > 0 && instructions[index - 1].end != instructions[index].address
      if blockOf[index] != 0 || isGap {
        if let last = blocks.indices.last { blocks[last].end = Int32(index) }
        var block = Block(start: Int32(index), end: Int32(instructions.count))
        block.isTarget = blockOf[index] & 2 != 0
        blocks.append(block)
      }
      blockOf[index] = Int32(blocks.count - 1)
    }
    // What earlier functions left is not read: no block is reached yet.
    while states.count < blocks.count { states.append(AbstractState()) }
    pending.removeAll(keepingCapacity: true)
    pending.append(contentsOf: repeatElement(0, count: (blocks.count + 63) / 64))
    firstPending = pending.count
  }

  /// Notes that a block is to be followed.
  mutating func schedule(_ block: Int) {
    pending[block / 64] |= 1 << UInt64(block % 64)
    firstPending = Swift.min(firstPending, block / 64)
  }

  /// The first block to follow, nil if there is none any more.
  mutating func next() -> Int? {
    while firstPending < pending.count {
      let word = pending[firstPending]
      if word != 0 {
        let bit = word.trailingZeroBitCount
        pending[firstPending] &= ~(1 << UInt64(bit))
        return firstPending * 64 + bit
      }
      firstPending += 1
    }
    return nil
  }

  /// The row in force before an instruction.
  func row(at index: Int) -> Int? { rowOf[index] >= 0 ? Int(rowOf[index]) : nil }

  /// It begins with a nop whose row is not that of what follows: nobody enters there.
  var hasLeadingFiller: Bool {
    instructions.count > 1 && instructions[0].length == 1 && instructions[0].isFiller && rowOf[0] != rowOf[1]
  }

  /// Whether a block does nothing at all.
  func isFiller(_ block: Int) -> Bool {
    (blocks[block].start..<blocks[block].end).allSatisfy { instructions[Int($0)].isFiller }
  }
}

extension Instruction {
  /// It does nothing, or traps: what stands between blocks.
  var isFiller: Bool {
    switch flow {
    case .next: effect == .nothing
    case .stop: true
    default: false
    }
  }
}

/// What is known of the row before one instruction.
struct InstructionVerdict: Sendable, Hashable {
  private let code: UInt8

  private init(code: UInt8) { self.code = code }

  /// Nothing leads to it, and it does nothing.
  static let uncounted = InstructionVerdict(code: 0)
  static let proved = InstructionVerdict(code: 1)
  static let conditional = InstructionVerdict(code: 2)
  static let refuted = InstructionVerdict(code: 255)

  /// By number, from 3 on.
  static let reasons: [UnknownReason] = [
    .follows, .indirectJump, .unreached, .expression, .registerValue, .slot, .callReturns, .undecodable, .noRow,
    .outermost, .otherFrame, .handOver,
  ]

  static func unknown(_ reason: UnknownReason) -> InstructionVerdict {
    InstructionVerdict(code: UInt8(3 + (reasons.firstIndex(of: reason) ?? 0)))
  }

  /// What follows where nothing new is to be said.
  static func following(_ standing: AbstractState.Standing) -> InstructionVerdict {
    switch standing {
    case .proved: .proved
    case .conditional: .conditional
    case .assumed: follows
    }
  }

  private static let follows = unknown(.follows)

  /// The worse of two.
  func worse(_ other: InstructionVerdict) -> InstructionVerdict {
    // Any reason is as bad as "follows", and says more.
    code == Self.follows.code && other.code > 2
      ? other : (other.code > code && !(other.code == 3 && code > 3) ? other : self)
  }

  /// The reason, nil if it is none of the unknown ones.
  var reason: UnknownReason? {
    code >= 3 && Int(code) - 3 < Self.reasons.count ? Self.reasons[Int(code) - 3] : nil
  }
}
