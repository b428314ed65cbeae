internal import CallFrameInfo

/// One expression: its operators, the effect of each on the stack along all ways through it, and where its jumps lead.
struct ExpressionLint {
  /// What is wrong, and where in the section.
  struct Fault {
    var rule: Rule
    var offset: Int
    var text: String
  }

  private let block: ExpressionBlock
  private let reader: OperationReader
  private let depth: Int

  /// - Parameter depth: how many values are on the stack at its start: 0 for a CFA, 1 (the CFA) for a register.
  init(_ block: ExpressionBlock, in section: CallFrameSection, cie: CIE, depth: Int) {
    self.block = block
    self.depth = depth
    reader = OperationReader(block, in: section, cie: cie)
  }

  /// What is wrong with it, at most one fault of a kind. Linear in its operations.
  func faults() -> [Fault] {
    var operations: [Operation] = []
    var reader = reader
    do throws(CallFrameError) {
      while let operation = try reader.next() { operations.append(operation) }
    } catch {
      let rule: Rule = error.code == .unsupported ? .expressionOperator : .expressionTruncated
      return [Fault(rule: rule, offset: error.offset, text: error.text)]
    }
    var faults: [Fault] = []
    for operation in operations {
      guard let fault = refusal(of: operation), !faults.contains(where: { $0.rule == fault.rule }) else { continue }
      faults.append(fault)
    }
    // What such an operator leaves on the stack nobody can say.
    return faults.isEmpty ? stackFaults(operations) : faults
  }

  /// What is wrong with an operator whatever is on the stack.
  private func refusal(of operation: Operation) -> Fault? {
    let code = operation.code.rawValue
    func fault(_ rule: Rule, _ text: String) -> Fault {
      Fault(rule: rule, offset: operation.offset, text: "\(operation.code) \(text)")
    }
    switch code {
    case 0x50...0x6f, 0x90:
      let register = code == 0x90 ? operation.first : UInt64(code - 0x50)
      let value = register < 32 ? "DW_OP_breg\(register) 0" : "DW_OP_bregx \(register) 0"
      return fault(.expressionLocation, "names a register as a location where a value is needed; \(value) is its value")
    case 0x93, 0x9d, 0x9e, 0x9f, 0xa0, 0xf0, 0xf2:
      return fault(.expressionLocation, "describes a location where a value is needed")
    case 0x94 where !(1...8).contains(operation.first):
      return fault(.expressionForbidden, "reads \(operation.first) bytes, expected 1 to 8")
    case 0x70...0x8f where code > 0x80:
      return fault(.registerOutOfRange, "reads register \(code - 0x70), expected at most 16")
    case 0x92 where operation.first > 16:
      return fault(.registerOutOfRange, "reads register \(operation.first), expected at most 16")
    default:
      if StackEffect(of: operation) != nil { return nil }
      return fault(.expressionForbidden, "may not be in call frame information (DWARF 5, §6.4.2)")
    }
  }

  /// Follows all ways through, each operation with the fewest values that any of them leaves, as far as that changes what is found.
  private func stackFaults(_ operations: [Operation]) -> [Fault] {
    let end = operations.count
    // The fewest values before each operation, and at the end; nil where no way leads.
    var fewest = [Int?](repeating: nil, count: end + 1)
    var visits = [UInt8](repeating: 0, count: end + 1)
    var open = [(place: 0, depth: depth)]
    while let (place, depth) = open.popLast() {
      if let known = fewest[place], known <= depth { continue }
      fewest[place] = depth
      visits[place] &+= 1
      // A loop that takes values runs out of them in the end; how many times it is followed needs a bound.
      guard place < end, visits[place] <= 8 else { continue }
      let operation = operations[place]
      guard let effect = StackEffect(of: operation) else { continue }
      if depth < effect.takes {
        return [
          Fault(
            rule: .expressionStack, offset: operation.offset,
            text: "\(operation.code) needs \(effect.takes) \(effect.takes == 1 ? "value" : "values") on the stack, "
              + "which has \(depth)")
        ]
      }
      let after = depth - effect.takes + effect.leaves
      let isJump = operation.code.rawValue == 0x2f
      if isJump || operation.code.rawValue == 0x28 {
        guard let target = target(of: operation, in: operations) else {
          return [
            Fault(
              rule: .expressionJump, offset: operation.offset,
              text: "\(operation.code) jumps by \(Int64(bitPattern: operation.first)) bytes, "
                + "where no operation of the expression begins")
          ]
        }
        open.append((target, after))
      }
      if !isJump { open.append((place + 1, after)) }
    }
    guard let left = fewest[end] else {
      return [
        Fault(rule: .expressionEndless, offset: block.offset, text: "no way through the expression leads to its end")
      ]
    }
    if left < 1 {
      return [
        Fault(
          rule: .expressionStack, offset: operations.last?.offset ?? block.offset,
          text: "the expression leaves its stack empty")
      ]
    }
    return []
  }

  /// The index of the operation that a jump leads to, their number for the end, nil for a place where none begins. O(log n).
  private func target(of jump: Operation, in operations: [Operation]) -> Int? {
    let target = jump.end + Int(Int64(bitPattern: jump.first))
    if target == block.offset + block.count { return operations.count }
    var low = 0
    var high = operations.count
    while low < high {
      let middle = (low + high) / 2
      if operations[middle].offset < target { low = middle + 1 } else { high = middle }
    }
    return low < operations.count && operations[low].offset == target ? low : nil
  }
}

/// How many values an operation takes from the stack and leaves there.
struct StackEffect {
  var takes: Int
  var leaves: Int

  /// Nil for one that call frame information may not have, or whose value no frame has.
  init?(of operation: Operation) {
    switch operation.code.rawValue {
    case 0x03, 0x08...0x11, 0x30...0x4f, 0x70...0x8f, 0x92, 0xf1: (takes, leaves) = (0, 1)
    case 0x06, 0x19, 0x1f, 0x20, 0x23, 0x94: (takes, leaves) = (1, 1)
    case 0x12: (takes, leaves) = (1, 2)
    case 0x13, 0x28: (takes, leaves) = (1, 0)
    case 0x14: (takes, leaves) = (2, 3)
    case 0x15: (takes, leaves) = (Int(operation.first) + 1, Int(operation.first) + 2)
    case 0x16: (takes, leaves) = (2, 2)
    case 0x17: (takes, leaves) = (3, 3)
    case 0x1a...0x1e, 0x21, 0x22, 0x24...0x27, 0x29...0x2e: (takes, leaves) = (2, 1)
    case 0x2f, 0x96: (takes, leaves) = (0, 0)
    default: return nil
    }
  }
}
