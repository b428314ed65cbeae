extension ExpressionEvaluator {
  mutating func pop(_ operation: Operation) throws(CallFrameError) -> UInt64 {
    guard let value = stack.popLast() else { throw underflow(operation) }
    return value
  }

  func memory(
    at address: UInt64, _ size: Int, _ operation: Operation, _ context: some EvaluationContext
  ) throws(CallFrameError) -> UInt64 {
    guard let value = context.memory(at: address, size: size) else {
      throw error(operation, "reads \(size) bytes at 0x\(String(address, radix: 16)), which cannot be read")
    }
    return value
  }

  func value(
    of register: UInt16, _ operation: Operation, _ context: some EvaluationContext
  ) throws(CallFrameError) -> UInt64 {
    guard let value = context.register(register) else {
      throw error(operation, "reads register \(register), whose value is not known")
    }
    return value
  }

  func underflow(_ operation: Operation) -> CallFrameError {
    error(operation, "takes more values than the \(stack.count) on the stack")
  }

  func error(_ operation: Operation, _ text: String) -> CallFrameError {
    section.error(.expression, at: operation.offset, "\(operation.code) \(text)")
  }

  /// Why an operation that is known is not evaluated.
  func refusal(_ operation: Operation) -> CallFrameError {
    let code = operation.code
    switch code.rawValue {
    case 0x50...0x6f, 0x90:
      let register = code.locationRegister.map(UInt64.init) ?? operation.first
      let instead = register < 32 ? "DW_OP_breg\(register) 0" : "DW_OP_bregx \(register) 0"
      return section.error(
        .registerLocation, at: operation.offset,
        "\(code) names a register as a location where a value is needed; \(instead) is its value")
    case 0x93, 0x9d, 0x9e, 0x9f, 0xa0, 0xf0, 0xf2:
      return error(operation, "describes a location; call frame information needs a value (DWARF 5, §6.4.2)")
    case 0x18, 0x95, 0xa7: return error(operation, "reads another address space, which x86-64 does not have")
    case 0x97: return error(operation, "needs an object, which a frame does not have (DWARF 5, §6.4.2)")
    case 0x9b, 0xe0: return error(operation, "needs a thread's local storage, which is not known here")
    default:
      return error(operation, "needs a debugging information entry, which a frame does not have (DWARF 5, §6.4.2)")
    }
  }
}

extension OperationCode: CustomStringConvertible {
  /// "DW_OP_breg7"; for one that is not defined, its number.
  public var description: String { name.map { "DW_OP_\($0)" } ?? "DW_OP 0x\(String(rawValue, radix: 16))" }
}
