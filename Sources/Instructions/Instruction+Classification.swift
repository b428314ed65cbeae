extension Instruction {
  /// What a decoded instruction at `address` does.
  init(_ machine: borrowing MachineInstruction, at address: UInt64) {
    self.init(address: address, length: UInt8(machine.length))
    flow = Self.flow(of: machine)
    changes = machine.written
    switch machine.branch {
    case .call, .return:
      // What these do to rsp belongs to the flow.
      changes.remove(RegisterSet(.rsp))
      return
    case .unconditional, .conditional, .stop: return
    case .system, .none: break
    }
    effect = Self.effect(of: machine)
    if let stored = machine.stored { store = Self.store(stored, machine) }
  }

  private static func flow(of machine: borrowing MachineInstruction) -> Flow {
    let operand = machine.first
    // A word at [rip + x] has neither base nor index.
    let isSlot =
      operand.kind == .memory && operand.address.base == nil && operand.address.index == nil
      && !operand.address.isElsewhere
    let slot = isSlot ? UInt64(bitPattern: operand.address.displacement) : nil
    let target = operand.isRelative ? UInt64(bitPattern: operand.number) : nil
    switch machine.branch {
    case .none: return .next
    case .conditional: return .branch(target)
    case .unconditional: return operand.isRelative ? .jump(target) : .indirectJump(slot: slot)
    case .call: return operand.isRelative ? .call(target) : .indirectCall(slot: slot)
    case .return: return .return(UInt16(truncatingIfNeeded: operand.kind == .number ? operand.number : 0))
    case .system: return .system
    case .stop: return .stop
    }
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
    case .leave: return .leave
    case .enter: return second.number == 0 ? .enter(UInt16(truncatingIfNeeded: first.number)) : .other
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
      case .xor where second.kind == .register && second.register == register: return .move(register, .constant(0))
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

  private static func store(_ stored: MachineOperand, _ machine: borrowing MachineInstruction) -> Store {
    guard !machine.isRepeated else { return Store(stored.address, size: 0) }
    var value = Source.unknown
    if stored.size == 8, stored.isVisible {
      switch machine.operation {
      case .move: value = source(machine.second, size: 8)
      case .exchange:
        let register = machine.first.kind == .register ? machine.first : machine.second
        value = source(register, size: 8)
      default: break
      }
    }
    return Store(stored.address, size: stored.size, value: value)
  }
}
