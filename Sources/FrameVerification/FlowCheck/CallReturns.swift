internal import CallFrameInfo
internal import Instructions

/// Whether functions of the file return, found out where a row depends on it.
struct CallReturns {
  /// What is known of a function.
  enum Answer: Sendable, Hashable {
    case returns
    case never
    case unknown
  }

  /// Larger functions are not looked at, in bytes.
  private static let mostBytes: UInt64 = 1 << 16
  /// How far calls are followed.
  private static let depth = 4

  private let table: CallFrameTable
  private var answers: [UInt64: Answer] = [:]
  /// What functions that were asked for take off the stack; nil where it is not known.
  private var popped: [UInt64: Int64?] = [:]
  /// How many bytes of code may still be looked at.
  private var budget: UInt64 = 1 << 26

  init(table: CallFrameTable) { self.table = table }

  /// Whether a call of `target` comes back.
  mutating func answer(for target: UInt64, reader: CodeReader, facts: CodeFacts) -> Answer {
    answer(for: target, reader, facts, depth: Self.depth)
  }

  private mutating func answer(
    for target: UInt64, _ reader: CodeReader, _ facts: CodeFacts, depth: Int
  ) -> Answer {
    if facts.neverReturns(.call(target)) { return .never }
    if let known = answers[target] { return known }
    guard depth > 0, let index = table.index(at: target) else { return .unknown }
    let range = table.fdes[index].addresses
    let size = range.upperBound - range.lowerBound
    guard size <= Self.mostBytes, size <= budget else { return .unknown }
    budget -= size
    // For functions that call themselves.
    answers[target] = .unknown
    let answer = look(at: target, range, reader, facts, depth: depth)
    answers[target] = answer
    return answer
  }

  /// How many bytes the function at `target` takes off the stack besides its return address: what its returns say, if all say the
  /// same and it leaves in no other way; nil if that is not known.
  mutating func poppedArguments(of target: UInt64, reader: CodeReader) -> Int64? {
    if let known = popped[target] { return known }
    let size = sizeOfReturns(of: target, reader)
    popped[target] = .some(size)
    return size
  }

  private mutating func sizeOfReturns(of target: UInt64, _ reader: CodeReader) -> Int64? {
    guard let index = table.index(at: target), case let range = table.fdes[index].addresses, range.lowerBound == target,
      range.upperBound - target <= Self.mostBytes, range.upperBound - target <= budget
    else { return nil }
    budget -= range.upperBound - target
    var found: Int64?
    for instruction in reader.code(of: range).instructions {
      switch instruction.flow {
      case .return(let size):
        if let found, found != Int64(size) { return nil }
        found = Int64(size)
      case .indirectJump: return nil
      case .jump(let to), .branch(let to):
        guard let to, range.contains(to) else { return nil }
      default: break
      }
    }
    return found
  }

  /// Goes through all of a function that control gets to.
  private mutating func look(
    at target: UInt64, _ range: Range<UInt64>, _ reader: CodeReader, _ facts: CodeFacts, depth: Int
  ) -> Answer {
    let code = reader.code(of: range)
    guard let first = code.index(at: target) else { return .unknown }
    var seen = [Bool](repeating: false, count: code.instructions.count)
    var waiting = [first]
    var isOpen = false
    while var place = waiting.popLast() {
      while place < code.instructions.count, !seen[place] {
        seen[place] = true
        let instruction = code.instructions[place]
        var goesOn = true
        switch instruction.flow {
        case .return: return .returns
        case .stop, .undecodable: goesOn = false
        case .indirectJump:
          isOpen = true
          goesOn = false
        case .jump(let to), .branch(let to):
          goesOn = instruction.isBranch
          guard let to else {
            isOpen = true
            break
          }
          if range.contains(to) {
            if let next = code.index(at: to) { waiting.append(next) }
          } else {
            switch answer(for: to, reader, facts, depth: depth - 1) {
            case .returns: return .returns
            case .unknown: isOpen = true
            case .never: break
            }
          }
        case .call(let to):
          if facts.neverReturns(instruction.flow) {
            goesOn = false
          } else if let to, !range.contains(to),
            answer(for: to, reader, facts, depth: depth - 1) == .never
          {
            goesOn = false
          }
        case .indirectCall: goesOn = !facts.neverReturns(instruction.flow)
        case .next, .system: break
        }
        guard goesOn else { break }
        place += 1
      }
    }
    return isOpen ? .unknown : .never
  }
}
