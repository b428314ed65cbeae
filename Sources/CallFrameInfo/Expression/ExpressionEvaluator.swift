/// Computes what a DWARF expression (DWARF 5, §2.5) leaves on top of its stack, in 64-bit numbers.
///
/// Division and comparisons are signed, `mod` is not; a shift by 64 or more leaves zeros, or copies of the sign.
/// What §6.4.2 forbids in call frame information, what needs a debugging information entry, and what describes a
/// location instead of computing a value is refused by name: `DW_OP_reg0` to `DW_OP_reg31` and `DW_OP_regx` with the
/// code `registerLocation`, since libgcc and libdw take them for values where gdb, libunwind and framehop refuse.
public struct ExpressionEvaluator: ~Copyable {
  /// How many operations are executed at most.
  public static let mostSteps = 65_536
  /// How many values the stack holds at most.
  public static let deepestStack = 1_024

  let section: CallFrameSection
  var reader: OperationReader
  var stack: [UInt64]

  /// The value of an expression.
  ///
  /// - Parameters:
  ///   - block: its operations.
  ///   - section: where they lie.
  ///   - cie: what gives addresses in it their size; 8 bytes without it.
  ///   - initial: the stack before the first operation, the top last: empty for a CFA, the CFA for a register.
  ///   - context: registers and memory.
  /// - Throws: `registerLocation` or `expression` with what cannot be evaluated, `limit` beyond the bounds above,
  ///   what `OperationReader.next()` throws.
  public static func evaluate(
    _ block: ExpressionBlock, in section: CallFrameSection, cie: CIE? = nil, initial: [UInt64] = [],
    context: some EvaluationContext
  ) throws(CallFrameError) -> UInt64 {
    var left = Int.max
    return try evaluate(block, in: section, cie: cie, initial: initial, context: context, operationsLeft: &left)
  }

  /// As above, with a bound for many evaluations together: each may take the full number of steps.
  ///
  /// - Parameter operationsLeft: how many operations may still be executed; less those that were.
  public static func evaluate(
    _ block: ExpressionBlock, in section: CallFrameSection, cie: CIE?, initial: [UInt64],
    context: some EvaluationContext, operationsLeft: inout Int
  ) throws(CallFrameError) -> UInt64 {
    var evaluator = ExpressionEvaluator(
      section: section, reader: OperationReader(block, in: section, cie: cie), stack: initial)
    var steps = 0
    var last = block.offset
    while let operation = try evaluator.reader.next() {
      if operationsLeft <= 0 {
        throw section.error(.limit, at: operation.offset, "expressions have executed too many operations altogether")
      }
      operationsLeft -= 1
      steps += 1
      if steps > mostSteps {
        throw section.error(.limit, at: operation.offset, "more than \(mostSteps) operations executed")
      }
      try evaluator.execute(operation, context)
      last = operation.offset
      if evaluator.stack.count > deepestStack {
        throw section.error(.limit, at: operation.offset, "more than \(deepestStack) values on the stack")
      }
    }
    guard let top = evaluator.stack.last else {
      throw section.error(.expression, at: last, "the expression leaves its stack empty")
    }
    return top
  }

  private mutating func execute(
    _ operation: Operation, _ context: some EvaluationContext
  ) throws(CallFrameError) {
    let code = operation.code
    if let literal = code.literal {
      stack.append(literal)
    } else if let register = code.baseRegister {
      stack.append(try value(of: register, operation, context) &+ operation.first)
    } else {
      switch code.rawValue {
      case 0x03, 0x08...0x11: stack.append(operation.first)
      case 0x06: stack.append(try memory(at: try pop(operation), 8, operation, context))
      case 0x94: try dereference(operation, context)
      case 0x12...0x17: try move(operation)
      case 0x19, 0x1f, 0x20, 0x23: try unary(operation)
      case 0x1a...0x1e, 0x21, 0x22, 0x24...0x27, 0x29...0x2e: try binary(operation)
      case 0x28: if try pop(operation) != 0 { try branch(operation) }
      case 0x2f: try branch(operation)
      case 0x92:
        guard let register = UInt16(exactly: operation.first) else {
          throw error(operation, "reads register \(operation.first), which does not exist")
        }
        stack.append(try value(of: register, operation, context) &+ operation.second)
      case 0x96: break
      case 0x9c:
        guard let cfa = context.cfa else { throw error(operation, "uses the CFA where the CFA is being computed") }
        stack.append(cfa)
      case 0xf1: try encodedAddress(operation, context)
      default: throw refusal(operation)
      }
    }
  }

  /// dup, drop, over, pick, swap, rot.
  private mutating func move(_ operation: Operation) throws(CallFrameError) {
    func top(_ depth: Int) throws(CallFrameError) -> UInt64 {
      guard depth < stack.count else { throw underflow(operation) }
      return stack[stack.count - 1 - depth]
    }
    switch operation.code.rawValue {
    case 0x12: stack.append(try top(0))
    case 0x13: _ = try pop(operation)
    case 0x14: stack.append(try top(1))
    case 0x15: stack.append(try top(Int(operation.first)))
    case 0x16:
      _ = try top(1)
      stack.swapAt(stack.count - 1, stack.count - 2)
    default:
      // rot: the top becomes the third.
      _ = try top(2)
      stack.insert(stack.removeLast(), at: stack.count - 2)
    }
  }

  private mutating func unary(_ operation: Operation) throws(CallFrameError) {
    let value = try pop(operation)
    switch operation.code.rawValue {
    case 0x19: stack.append(Int64(bitPattern: value).magnitude)
    case 0x1f: stack.append(0 &- value)
    case 0x20: stack.append(~value)
    default: stack.append(value &+ operation.first)
    }
  }

  private mutating func binary(_ operation: Operation) throws(CallFrameError) {
    let second = try pop(operation)
    let first = try pop(operation)
    guard let value = BinaryOperation.value(operation.code, first, second) else {
      throw error(operation, "divides by zero")
    }
    stack.append(value)
  }

  /// deref_size.
  private mutating func dereference(
    _ operation: Operation, _ context: some EvaluationContext
  ) throws(CallFrameError) {
    guard (1...8).contains(operation.first) else {
      throw error(operation, "reads \(operation.first) bytes, expected 1 to 8")
    }
    stack.append(try memory(at: try pop(operation), Int(operation.first), operation, context))
  }

  /// bra and skip: the distance counts from the next operation.
  private mutating func branch(_ operation: Operation) throws(CallFrameError) {
    guard reader.skip(Int(Int64(bitPattern: operation.first))) else {
      throw error(operation, "jumps out of its expression, by \(Int64(bitPattern: operation.first)) bytes")
    }
  }

  /// GNU_encoded_addr.
  private mutating func encodedAddress(
    _ operation: Operation, _ context: some EvaluationContext
  ) throws(CallFrameError) {
    let encoding = PointerEncoding(rawValue: UInt8(truncatingIfNeeded: operation.second))
    if encoding.isIndirect {
      stack.append(try memory(at: operation.first, 8, operation, context))
    } else {
      stack.append(operation.first)
    }
  }
}
