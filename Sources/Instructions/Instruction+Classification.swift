extension Instruction {
  /// What a decoded instruction at `address` does.
  init(_ machine: borrowing MachineInstruction, at address: UInt64) {
    self.init(address: address, length: machine.length)
    flow = Self.flow(of: machine)
    changes = machine.written
    switch machine.branch {
    case .call, .return:
      // What these do to rsp belongs to the flow.
      changes.remove(RegisterSet(.rsp))
      return
    case .unconditional:
      if machine.first.kind == .register, machine.first.size == 8, let register = machine.first.register {
        effect = .target(register)
      }
      return
    case .conditional, .stop: return
    case .system, .none: break
    }
    effect = Self.effect(of: machine)
    if let stored = machine.stored {
      store = Store(stored, size: machine.storedSize, value: Self.storedValue(machine))
    }
  }

  private static func flow(of machine: borrowing MachineInstruction) -> Flow {
    let branch = machine.branch
    if branch == .none { return .next }
    let operand = machine.first
    let target = operand.kind == .target ? UInt64(bitPattern: operand.number) : nil
    switch branch {
    case .none: return .next
    case .conditional: return .branch(target)
    case .unconditional: return target.map { .jump($0) } ?? .indirectJump(slot: slot(operand))
    case .call: return target.map { .call($0) } ?? .indirectCall(slot: slot(operand))
    case .return: return .return(UInt16(truncatingIfNeeded: operand.kind == .number ? operand.number : 0))
    case .system: return .system
    case .stop: return .stop
    }
  }

  /// The address of a word at [rip + x]; a far pointer has more bytes.
  private static func slot(_ operand: MachineOperand) -> UInt64? {
    let address = operand.address
    guard operand.kind == .memory, operand.size == 8, address.base == nil, address.index == nil, !address.isElsewhere
    else { return nil }
    return UInt64(bitPattern: address.displacement)
  }

  private static func effect(of machine: borrowing MachineInstruction) -> Effect {
    let (first, second) = (machine.first, machine.second)
    switch machine.operation {
    case .push: return machine.operandSize == 2 ? .pushShort : .push(source(first, size: 8))
    case .pushFlags: return machine.operandSize == 2 ? .pushShort : .push(.unknown)
    case .pop:
      guard machine.operandSize != 2 else { return .popShort }
      return first.kind == .register ? first.register.map(Effect.pop) ?? .popElsewhere : .popElsewhere
    case .popFlags: return machine.operandSize == 2 ? .popShort : .popElsewhere
    case .leave: return machine.operandSize == 2 ? .other : .leave
    case .enter:
      guard machine.operandSize != 2, second.number == 0 else { return .other }
      return .enter(UInt16(truncatingIfNeeded: first.number))
    default: break
    }
    guard first.kind == .register, let register = first.register else {
      if machine.operation == .exchange, first.kind == .memory, second.kind == .register, first.size == 8,
        let register = second.register
      {
        return .exchangeMemory(register, first.address)
      }
      return .other
    }
    // A write of 32 bits clears the rest, so that a number is a number.
    if first.size == 4 {
      switch machine.operation {
      case .move where second.kind == .number: return .move(register, .constant(second.number & 0xffff_ffff))
      case .xor where second.kind == .register && second.register == register,
        .subtract where second.kind == .register && second.register == register:
        return .move(register, .constant(0))
      default: return .other
      }
    }
    guard first.size == 8 else { return .other }
    return wideEffect(of: machine.operation, on: register, second)
  }

  /// Of an operation on a whole register.
  private static func wideEffect(
    of operation: MachineInstruction.Operation, on register: GeneralRegister, _ second: MachineOperand
  ) -> Effect {
    let number = second.kind == .number ? second.number : nil
    switch operation {
    case .move: return .move(register, source(second, size: 8))
    case .loadAddress:
      let address = second.address
      guard address.index == nil, !address.isElsewhere else { return .other }
      return address.base.map { .sum(register, $0, address.displacement) }
        ?? .move(register, .constant(address.displacement))
    case .add: return number.map { .sum(register, register, $0) } ?? .other
    case .subtract:
      if second.kind == .register, second.register == register { return .move(register, .constant(0)) }
      return number.map { .sum(register, register, 0 &- $0) } ?? .other
    case .increment: return .sum(register, register, 1)
    case .decrement: return .sum(register, register, -1)
    case .and:
      guard let number, number < 0 else { return .other }
      return .align(register, number)
    case .xor:
      return second.kind == .register && second.register == register ? .move(register, .constant(0)) : .other
    case .exchange:
      if second.kind == .register, let other = second.register { return .exchange(register, other) }
      return second.kind == .memory ? .exchangeMemory(register, second.address) : .other
    default: return .other
    }
  }

  private static func source(_ operand: MachineOperand, size: UInt16) -> Source {
    switch operand.kind {
    case .number: .constant(operand.number)
    case .register where operand.size == size: operand.register.map(Source.register) ?? .unknown
    case .memory where operand.size == size: .memory(operand.address)
    default: .unknown
    }
  }

  /// What the memory that is written then holds.
  private static func storedValue(_ machine: borrowing MachineInstruction) -> Source {
    guard machine.storesSource, machine.storedSize == 8 else { return .unknown }
    switch machine.operation {
    case .move: return source(machine.second, size: 8)
    case .exchange: return source(machine.first.kind == .register ? machine.first : machine.second, size: 8)
    default: return .unknown
    }
  }
}
