internal import CallFrameInfo
internal import Instructions

extension AbstractState {
  /// Takes for true what a row says and is not known otherwise, so that what follows is checked against the row.
  mutating func adopt(
    _ claims: RowClaims, in section: CallFrameSection, cie: CIE, index: Int
  ) {
    standing = .assumed
    switch claims.cfa {
    case .unspecified: break
    case .register(let number, let offset):
      if number < 16, let distance = Self.negated(offset), !self[Int(number)].adding(offset).isFrameAddress {
        self[Int(number)] = .cfa.adding(distance)
      }
    case .expression(let block):
      if let (register, offset) = Self.wordBehindRegister(block, in: section, cie: cie) {
        note(.cfa, behind: register, offset, index)
      }
    }
    if case .offset(let offset) = claims.returnAddress { adopt(.cfa.adding(offset), .returnAddress) }
    for register in 0..<16 {
      let bit = UInt16(1) << UInt16(register)
      if claims.unchanged.rawValue & bit != 0 {
        if self[register].isUnknown { self[register] = .entry(register) }
        continue
      }
      guard claims.ruled.rawValue & bit != 0 else { continue }
      let value: AbstractValue = register == Self.rsp ? .cfa : .entry(register)
      switch claims[register] {
      case .offset(let offset): adopt(.cfa.adding(offset), value)
      case .register(let source) where source < 16:
        if self[Int(source)].isUnknown { self[Int(source)] = value }
      case .expression(let block):
        if let (base, offset) = Self.registerPlus(block, in: section, cie: cie) {
          note(value, behind: base, offset, index)
        }
      default: break
      }
    }
  }

  private mutating func adopt(_ address: AbstractValue, _ value: AbstractValue) {
    if load(address).isUnknown { remember(address, value) }
  }

  /// [register + offset] holds `value`.
  private mutating func note(_ value: AbstractValue, behind register: Int, _ offset: Int64, _ index: Int) {
    if !self[register].isPlace { self[register] = .symbol(ofRegister: register, at: index) }
    adopt(self[register].adding(offset), value)
  }

  private static func negated(_ offset: Int64) -> Int64? {
    let (negated, overflow) = Int64(0).subtractingReportingOverflow(offset)
    return overflow ? nil : negated
  }

  /// The operations that GCC writes for realigned frames: one register plus a number, and maybe a dereference.
  private static func operations(
    _ block: ExpressionBlock, in section: CallFrameSection, cie: CIE
  ) -> (register: Int, offset: Int64, isDereferenced: Bool)? {
    var reader = OperationReader(block, in: section, cie: cie)
    guard let first = try? reader.next(), (0x70...0x7f).contains(first.code.rawValue) else { return nil }
    let register = Int(first.code.rawValue - 0x70)
    let offset = Int64(bitPattern: first.first)
    do {
      guard let second = try reader.next() else { return (register, offset, false) }
      guard second.code.rawValue == 0x06, try reader.next() == nil else { return nil }
      return (register, offset, true)
    } catch {
      return nil
    }
  }

  /// The word that a CFA's expression of the kind `*(register + offset)` reads; nil for any other.
  static func wordBehindRegister(
    _ block: ExpressionBlock, in section: CallFrameSection, cie: CIE
  ) -> (Int, Int64)? {
    guard let form = operations(block, in: section, cie: cie), form.isDereferenced else { return nil }
    return (form.register, form.offset)
  }

  /// The address that an expression of the kind `register + offset` computes; nil for any other.
  static func registerPlus(
    _ block: ExpressionBlock, in section: CallFrameSection, cie: CIE
  ) -> (Int, Int64)? {
    guard let form = operations(block, in: section, cie: cie), !form.isDereferenced else { return nil }
    return (form.register, form.offset)
  }
}
