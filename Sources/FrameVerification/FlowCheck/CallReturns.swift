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
