internal import CallFrameInfo

/// Carries out rows that are more than registers and offsets.
package struct RowEvaluation {
  /// What became of a frame.
  package enum Result {
    case caller(FrameRegisters)
    case outermost
    case failed(String)
  }

  /// The frame's registers and the snapshot, for expressions.
  private struct Context: EvaluationContext {
    let registers: FrameRegisters
    let memory: any MemoryReader
    var cfa: UInt64?

    func register(_ number: UInt16) -> UInt64? { UInt8(exactly: number).flatMap { registers[$0] } }

    func memory(at address: UInt64, size: Int) -> UInt64? {
      let bytes = memory.bytes(at: address, count: size)
      guard bytes.count == size else { return nil }
      return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
  }

  let found: FoundRow
  private var context: Context
  /// How many operations of expressions may still be executed.
  package private(set) var operationsLeft: Int

  package init(_ found: FoundRow, registers: FrameRegisters, memory: any MemoryReader, operationsLeft: Int) {
    self.found = found
    self.operationsLeft = operationsLeft
    context = Context(registers: registers, memory: memory)
  }

  /// The CFA, once `caller` has found it.
  package var cfa: UInt64? { context.cfa }

  /// The caller's registers. Those other than the return address that cannot be recovered are unknown.
  package mutating func caller() -> Result {
    let row = found.row
    let column = found.cie.returnAddressRegister
    guard column < FrameRegisters.count else {
      return .failed("\(place): the return address is in register \(column), which x86-64 does not have")
    }
    let rule = row.registers[column]
    if rule == .undefined { return .outermost }
    do throws(CallFrameError) {
      switch try frameAddress() {
      case .value(let cfa): context.cfa = cfa
      case .unreadable(let reason): return .failed(reason)
      }
      guard let cfa = context.cfa else { return .failed("\(place): it does not say where the frame begins") }
      // The pc that a frame already has leads nowhere.
      guard rule != .unspecified, rule != .sameValue, rule != .register(column) else {
        return .failed("\(place): it does not say where the return address is")
      }
      let returnAddress: UInt64
      switch try value(of: column, by: rule, cfa) {
      case .value(let value): returnAddress = value
      case .unreadable(let reason): return .failed(reason)
      }
      if returnAddress == 0 { return .outermost }
      var caller = context.registers
      caller.keep(FrameRegisters.calleeSaved)
      caller[FrameRegisters.stackPointer] = cfa
      for (register, rule) in row.registers where register != column && register < FrameRegisters.count - 1 {
        if rule == .unspecified { continue }
        if case .value(let value) = (try? self.value(of: register, by: rule, cfa)) ?? .unreadable("") {
          caller[UInt8(register)] = value
        } else {
          caller[UInt8(register)] = nil
        }
      }
      caller[FrameRegisters.programCounter] = returnAddress
      return .caller(caller)
    } catch {
      return .failed("\(error)")
    }
  }

  private enum Value {
    case value(UInt64)
    case unreadable(String)
  }

  private var place: String {
    "the row of \(hexadecimal(context.registers.programCounter)) in \(found.section.source)"
  }

  private mutating func frameAddress() throws(CallFrameError) -> Value {
    switch found.row.cfa {
    case .unspecified: return .unreadable("\(place): it does not say where the frame begins")
    case .register(let register, let offset):
      guard let value = context.register(register) else { return unknown(register) }
      return .value(value &+ UInt64(bitPattern: offset))
    case .expression(let block): return .value(try evaluate(block, []))
    }
  }

  private mutating func value(of register: UInt16, by rule: RegisterRule, _ cfa: UInt64) throws(CallFrameError) -> Value
  {
    switch rule {
    case .unspecified, .sameValue: return context.register(register).map { .value($0) } ?? unknown(register)
    case .undefined: return unknown(register)
    case .offset(let offset): return load(cfa &+ UInt64(bitPattern: offset))
    case .valueOffset(let offset): return .value(cfa &+ UInt64(bitPattern: offset))
    case .register(let other): return context.register(other).map { .value($0) } ?? unknown(other)
    case .expression(let block): return load(try evaluate(block, [cfa]))
    case .valueExpression(let block): return .value(try evaluate(block, [cfa]))
    }
  }

  private func load(_ address: UInt64) -> Value {
    context.memory.word(at: address).map { .value($0) } ?? .unreadable(notInSnapshot(address))
  }

  private func unknown(_ register: UInt16) -> Value {
    .unreadable("\(place): it needs register \(register), whose value is not known in this frame")
  }

  private mutating func evaluate(_ block: ExpressionBlock, _ initial: [UInt64]) throws(CallFrameError) -> UInt64 {
    try ExpressionEvaluator.evaluate(
      block, in: found.section, cie: found.cie, initial: initial, context: context, operationsLeft: &operationsLeft)
  }
}

/// Why a walk ends where a return address cannot be read.
func notInSnapshot(_ address: UInt64) -> String {
  "the caller of this frame lies at \(hexadecimal(address)), which is not in the snapshot"
}
