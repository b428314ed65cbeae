/// An expression as people write it: "*(rbp)", "rsp + 8 + (((rip & 15) >= 11) << 3)".
///
/// Memory is `*(address)` for 8 bytes and `*u32(address)` for fewer, counted in bits; `>>` is a logical shift,
/// `shra(a, b)` an arithmetic one; `/` and comparisons are signed, `%` is not, as in `ExpressionEvaluator`.
struct ExpressionWords {
  /// The longest text written as one formula, in bytes: `DW_OP_dup` doubles, and beyond this nobody reads it.
  static let longestFormula = 400
  /// How many operations a formula is made of at most.
  static let mostOperations = 256
  /// How many operations are listed.
  static let mostListed = 64

  let section: CallFrameSection
  let cie: CIE?

  /// The formula of an expression without branches that computes a value, nil for another.
  ///
  /// - Parameter initial: the stack at its start, the top last.
  func formula(_ block: ExpressionBlock, initial: [Term]) -> String? {
    var stack = initial
    var reader = OperationReader(block, in: section, cie: cie)
    var count = 0
    do throws(CallFrameError) {
      while let operation = try reader.next() {
        count += 1
        guard count <= Self.mostOperations, execute(operation, &stack) else { return nil }
        if let top = stack.last, top.description.utf8.count > Self.longestFormula { return nil }
      }
    } catch {
      // The list of operations says what is wrong, where it is.
      return nil
    }
    return stack.last?.description
  }

  /// The operations with their operands: "breg6 0; bra +3; deref". What cannot be read is named in its place.
  func list(_ block: ExpressionBlock) -> String {
    var reader = OperationReader(block, in: section, cie: cie)
    var items: [String] = []
    do throws(CallFrameError) {
      while let operation = try reader.next() {
        if items.count == Self.mostListed {
          items.append("... (\(block.offset + block.count - operation.offset) more bytes)")
          break
        }
        items.append(words(operation))
      }
    } catch {
      items.append("? (\(error.text))")
    }
    return items.joined(separator: "; ")
  }

  /// One operation with its operands.
  func words(_ operation: Operation) -> String {
    guard let name = operation.code.name, let kinds = operation.code.operands else { return "?" }
    var words = name
    for (kind, value) in zip(kinds, [operation.first, operation.second]) {
      switch kind {
      case .signed2:
        // The distances of branches, which may go either way, and a constant.
        let distance = Int64(bitPattern: value)
        let isBranch = operation.code.rawValue == 0x28 || operation.code.rawValue == 0x2f
        words += isBranch && distance >= 0 ? " +\(distance)" : " \(distance)"
      case .signed1, .signed4, .signed8, .sleb: words += " \(Int64(bitPattern: value))"
      case .address, .sectionOffset, .encodedPointer: words += " 0x\(String(value, radix: 16))"
      case .block, .shortBlock: words += " (\(operation.block?.count ?? 0) bytes)"
      case .unsigned1, .unsigned2, .unsigned4, .unsigned8, .uleb: words += " \(value)"
      }
    }
    return words
  }
}

extension ExpressionWords {
  /// Executes an operation on terms; false where there is no formula for it.
  private func execute(_ operation: Operation, _ stack: inout [Term]) -> Bool {
    let code = operation.code
    if let literal = code.literal {
      stack.append(Term(constant: literal))
      return true
    }
    if let register = code.baseRegister {
      stack.append(Term(atom: RegisterNames.name(register), offset: operation.first))
      return true
    }
    switch code.rawValue {
    case 0x03, 0x08...0x11: stack.append(Term(constant: operation.first))
    case 0x92:
      guard let register = UInt16(exactly: operation.first) else { return false }
      stack.append(Term(atom: RegisterNames.name(register), offset: operation.second))
    case 0x96: break
    case 0x9c: stack.append(Term(atom: "CFA"))
    case 0x12...0x17: return move(operation, &stack)
    case 0x06, 0x19, 0x1f, 0x20, 0x23, 0x94:
      // A size that `ExpressionEvaluator` refuses has no words.
      if operation.code.rawValue == 0x94, !(1...8).contains(operation.first) { return false }
      guard let value = stack.popLast() else { return false }
      stack.append(unary(operation, value))
    case 0x1a...0x1e, 0x21, 0x22, 0x24...0x27, 0x29...0x2e:
      guard let second = stack.popLast(), let first = stack.popLast(), let value = binary(code, first, second) else {
        return false
      }
      stack.append(value)
    default: return false
    }
    return true
  }

  private func move(_ operation: Operation, _ stack: inout [Term]) -> Bool {
    let needed =
      switch operation.code.rawValue {
      case 0x12, 0x13: 1
      case 0x14, 0x16: 2
      case 0x15: Int(operation.first) + 1
      default: 3
      }
    guard stack.count >= needed else { return false }
    switch operation.code.rawValue {
    case 0x13: stack.removeLast()
    case 0x16: stack.swapAt(stack.count - 1, stack.count - 2)
    case 0x17: stack.insert(stack.removeLast(), at: stack.count - 2)
    // dup, over and pick.
    default: stack.append(stack[stack.count - needed])
    }
    return true
  }

  private func unary(_ operation: Operation, _ value: Term) -> Term {
    switch operation.code.rawValue {
    case 0x06: Term(atom: "*(\(value.description))")
    case 0x19: Term(atom: "abs(\(value.description))")
    case 0x1f: value.constant.map { Term(constant: 0 &- $0) } ?? Term(atom: "-\(value.operand)")
    case 0x20: Term(atom: "~\(value.operand)")
    case 0x94: Term(atom: "*u\(operation.first &* 8)(\(value.description))")
    default: value.adding(operation.first)
    }
  }

  /// Nil for a division by a constant zero.
  private func binary(_ code: OperationCode, _ first: Term, _ second: Term) -> Term? {
    if let left = first.constant, let right = second.constant {
      return BinaryOperation.value(code, left, right).map { Term(constant: $0) }
    }
    switch code.rawValue {
    case 0x22: return first + second
    case 0x1c:
      if let number = second.constant { return first.adding(0 &- number) }
    case 0x26: return Term(atom: "shra(\(first.description), \(second.description))")
    default: break
    }
    guard let sign = Self.signs[code.rawValue] else { return nil }
    return Term.binary(first, sign, second)
  }

  private static let signs: [UInt8: String] = [
    0x1a: "&", 0x1b: "/", 0x1c: "-", 0x1d: "%", 0x1e: "*", 0x21: "|", 0x24: "<<", 0x25: ">>", 0x27: "^",
    0x29: "==", 0x2a: ">=", 0x2b: ">", 0x2c: "<=", 0x2d: "<", 0x2e: "!=",
  ]
}
