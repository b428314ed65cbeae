internal import CallFrameInfo
internal import Instructions

/// Which number a register has at a place of a function, if it is the same on all ways there.
///
/// Ways are followed backwards. Where nothing leads to directly, indirect jumps of the function do: to the cases of a switch in a loop,
/// before which the table's address is loaded. Such a way counts only where no other tells the number.
struct ReachingConstants {
  private let code: FunctionCode
  /// Direct jumps and branches by where they lead, ascending: address and index.
  private let jumps: [(target: UInt64, source: Int)]
  /// Indexes of jumps to where a register or a word with an index says.
  private let indirectJumps: [Int]
  /// What registers have before each of these.
  private var atIndirectJumps: [GeneralRegister: UInt64?] = [:]
  /// How many instructions may still be looked at.
  private var budget: Int

  /// O(n log n) in instructions.
  init(_ code: FunctionCode) {
    self.code = code
    var jumps: [(target: UInt64, source: Int)] = []
    var indirectJumps: [Int] = []
    for (index, instruction) in code.instructions.enumerated() {
      switch instruction.flow {
      case .jump(let target?), .branch(let target?):
        if code.addresses.contains(target) { jumps.append((target, index)) }
      case .indirectJump(nil): indirectJumps.append(index)
      default: break
      }
    }
    jumps.sort { ($0.target, $0.source) < ($1.target, $1.source) }
    self.jumps = jumps
    self.indirectJumps = indirectJumps
    budget = 32 * code.instructions.count + 1024
  }

  /// What `register` has before the instruction at `place`, nil if that is not one known number.
  mutating func constant(in register: GeneralRegister, before place: Int) -> UInt64? {
    switch search(register, before: place) {
    case .number(let number): return number
    case .open: return constantBeforeJumps(in: register)
    case .other: return nil
    }
  }

  private enum Answer {
    case number(UInt64)
    /// Nothing is known to lead there.
    case open
    /// Several numbers, or something else.
    case other
  }

  /// The only number that the register is known to have before indirect jumps.
  private mutating func constantBeforeJumps(in register: GeneralRegister) -> UInt64? {
    if let known = atIndirectJumps[register] { return known }
    var found: UInt64?
    var isUnique = true
    for jump in indirectJumps {
      guard case .number(let number) = search(register, before: jump) else { continue }
      isUnique = isUnique && (found == nil || found == number)
      found = number
    }
    let answer = isUnique ? found : nil
    atIndirectJumps[register] = .some(answer)
    return answer
  }

  private mutating func search(_ register: GeneralRegister, before place: Int) -> Answer {
    let isSaved = RegisterSet.calleeSaved.contains(register)
    var known: UInt64?
    var seen: Set<Int> = [place]
    var waiting = [place]
    while let current = waiting.popLast() {
      guard current > 0, budget > 0 else { return .other }
      budget -= 1
      for source in sources(of: current) where !seen.contains(source) {
        let instruction = code.instructions[source]
        if case .move(register, .constant(let number)) = instruction.effect {
          let found = UInt64(bitPattern: number)
          guard known == nil || known == found else { return .other }
          known = found
          continue
        }
        guard !instruction.changes.contains(register), isSaved || !instruction.isCall else { return .other }
        seen.insert(source)
        waiting.append(source)
      }
    }
    return known.map(Answer.number) ?? .open
  }

  /// Indexes of the instructions that come right before one.
  private func sources(of index: Int) -> [Int] {
    var sources: [Int] = []
    let address = code.instructions[index].address
    let before = code.instructions[index - 1]
    if before.end == address, !before.endsFlow { sources.append(index - 1) }
    var place = address == 0 ? 0 : jumps.firstIndexAbove(address - 1) { $0.target }
    while place < jumps.count, jumps[place].target == address {
      sources.append(jumps[place].source)
      place += 1
    }
    return sources
  }
}

extension Instruction {
  /// A called function may change what it need not preserve.
  var isCall: Bool {
    switch flow {
    case .call, .indirectCall, .system: true
    default: false
    }
  }
}
