package import CallFrameInfo

/// What a row recovers of the caller at a visit, each nil where it recovers nothing.
package struct RecoveredValues: Sendable, Hashable {
  /// The CFA.
  package var cfa: UInt64?
  /// The return address.
  package var returnAddress: UInt64?
  /// rbx, rbp, r12, r13, r14, r15.
  package var registers: [UInt64?]

  /// DWARF numbers of what `registers` holds.
  package static let numbers: [UInt16] = [3, 6, 12, 13, 14, 15]

  /// What is true of a call. nil stands for registers that it did not preserve: nobody can be held to them.
  package init(of activation: Activation) {
    cfa = activation.cfa
    returnAddress = activation.returnAddress
    registers = Self.numbers.map { number in
      activation.recoverable >> number & 1 == 0 ? nil : activation.entry[Int(number)]
    }
  }

  private init() { registers = Array(repeating: nil, count: Self.numbers.count) }

  /// What a row recovers, as an unwinder does: a register without a rule keeps its value.
  ///
  /// - Parameters:
  ///   - row: in force at the visit's pc.
  ///   - cie: of its FDE.
  ///   - section: where its expressions lie.
  package init(by row: Row, cie: CIE, in section: CallFrameSection, at visit: Visit, of recording: Recording) {
    self.init()
    var frame = FrameValues(
      visit: visit, recording: recording, cie: cie, section: section, returnRegister: cie.returnAddressRegister)
    switch row.cfa {
    case .unspecified: cfa = nil
    case .register(let number, let offset):
      cfa = frame.register(number).map { $0 &+ UInt64(bitPattern: offset) }
    case .expression(let block):
      cfa = try? ExpressionEvaluator.evaluate(block, in: section, cie: cie, context: frame)
    }
    frame.cfa = cfa
    returnAddress = frame.value(of: cie.returnAddressRegister, by: row.registers[cie.returnAddressRegister])
    registers = Self.numbers.map { frame.value(of: $0, by: row.registers[$0]) }
  }
}

/// Registers and memory of a visit.
private struct FrameValues: EvaluationContext {
  let visit: Visit
  let recording: Recording
  let cie: CIE
  let section: CallFrameSection
  let returnRegister: UInt16
  var cfa: UInt64?

  func register(_ number: UInt16) -> UInt64? {
    number < 16 ? visit.registers[Int(number)] : number == 16 ? visit.pc &+ recording.bias : nil
  }

  func memory(at address: UInt64, size: Int) -> UInt64? {
    guard let word = recording.word(at: address, in: visit) else { return nil }
    return size >= 8 ? word : word & (1 << UInt64(size * 8) - 1)
  }

  /// What a rule recovers of a register.
  func value(of register: UInt16, by rule: RegisterRule) -> UInt64? {
    switch rule {
    case .undefined: return nil
    case .unspecified, .sameValue: return register == returnRegister ? nil : self.register(register)
    case .register(let other): return self.register(other)
    default: break
    }
    guard let cfa else { return nil }
    switch rule {
    case .offset(let offset): return memory(at: cfa &+ UInt64(bitPattern: offset), size: 8)
    case .valueOffset(let offset): return cfa &+ UInt64(bitPattern: offset)
    case .expression(let block):
      let address = try? ExpressionEvaluator.evaluate(block, in: section, cie: cie, initial: [cfa], context: self)
      return address.flatMap { memory(at: $0, size: 8) }
    case .valueExpression(let block):
      return try? ExpressionEvaluator.evaluate(block, in: section, cie: cie, initial: [cfa], context: self)
    case .unspecified, .sameValue, .undefined, .register: return nil
    }
  }
}
