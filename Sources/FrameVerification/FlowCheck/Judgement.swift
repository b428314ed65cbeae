internal import CallFrameInfo
internal import Instructions

/// A way in which a row is known to be wrong. Two rows that are wrong in the same way one after the other are one defect.
struct Disagreement: Sendable, Hashable {
  /// What the CFA of the row is where it is not the CFA; nil if that is right.
  var cfa: AbstractValue?
  /// What the row takes for the return address, if that is none.
  var returnAddress: AbstractValue?
  /// Registers of which the row recovers another value.
  var registers = RegisterSet(rawValue: 0)

  /// There is none.
  var isEmpty: Bool { cfa == nil && returnAddress == nil && registers.rawValue == 0 }
}

/// A row, compared with what is known.
struct Judgement: Sendable {
  /// What is wrong with it.
  var disagreement = Disagreement()
  /// Why some of it is not known to be right, nil if all is.
  var doubt: UnknownReason?

  /// The row describes another frame than the one the code was entered with.
  var isOtherFrame = false

  /// All of the row is right.
  var isSatisfied: Bool { doubt == nil && disagreement.isEmpty }
}

/// Compares rows of one FDE with states.
///
/// An object, since a value with a CIE in it takes 320 bytes to copy, once for each row.
final class Judge {
  /// Where expressions lie.
  let section: CallFrameSection
  let cie: CIE

  init(section: CallFrameSection, cie: CIE) {
    self.section = section
    self.cie = cie
  }

  /// Compares the row in force at `pc`.
  ///
  /// The state stays as it is: it is `inout` so that it is not copied.
  func judge(_ claims: RowClaims, _ state: inout AbstractState, pc: UInt64) -> Judgement {
    if claims.isPlainlyTrue(of: &state) { return Judgement() }
    return judgeEachRule(claims, state, pc: pc)
  }

  /// Rule by rule. Most rows are as plain as they are right, and do not get here.
  private func judgeEachRule(_ claims: RowClaims, _ state: AbstractState, pc: UInt64) -> Judgement {
    var result = Judgement()
    switch cfa(claims, state, pc: pc) {
    case .some(let value) where value == .cfa: break
    case .some(let value) where describesContext(claims, value):
      // Nothing of it can be compared with this frame.
      result.isOtherFrame = true
      result.doubt = .otherFrame
      return result
    case .some(let value) where isDecided(cfa: value):
      result.disagreement.cfa = value
      // The rest is wrong with it.
      return result
    case .some: result.doubt = .registerValue
    case .none:
      if case .register = claims.cfa { result.doubt = .registerValue } else { result.doubt = .expression }
    }
    if !claims.isOutermost {
      let value = recovered(by: claims.returnAddress, of: 16, state, pc: pc)
      if value != .returnAddress {
        if value.isUnknown {
          result.doubt = result.doubt ?? reason(claims.returnAddress)
        } else {
          result.disagreement.returnAddress = value
        }
      }
    }
    var concerned = claims.unchanged.rawValue | claims.ruled.rawValue
    while concerned != 0 {
      let register = concerned.trailingZeroBitCount
      concerned &= concerned - 1
      let isUnchanged = claims.unchanged.rawValue >> UInt16(register) & 1 != 0
      let value = isUnchanged ? state[register] : recovered(by: claims[register], of: UInt16(register), state, pc: pc)
      if value == (register == AbstractState.rsp || register == state.frameRegister ? .cfa : .entry(register)) {
        continue
      }
      if value.isUnknown {
        result.doubt = result.doubt ?? (isUnchanged ? .registerValue : reason(claims[register]))
      } else {
        result.disagreement.registers = RegisterSet(
          rawValue: result.disagreement.registers.rawValue | 1 << UInt16(register))
      }
    }
    return result
  }

  /// Whether a word that a row takes for the CFA is certainly not the CFA. An aligned stack pointer may be it, now and then.
  private func isDecided(cfa value: AbstractValue) -> Bool {
    value.isFrameAddress || value.entryRegister != nil || value.constant != nil
      || value.adding(-Int64(value.offset)) == .returnAddress
  }

  /// Whether a row is about a context kept elsewhere in memory, as those of longjmp and setcontext are once the registers of the
  /// context have been loaded: a pointer that is none into this frame, and the return address not in the word below it.
  private func describesContext(_ claims: RowClaims, _ value: AbstractValue) -> Bool {
    claims.returnAddress != .offset(-8) && !claims.isOutermost && !value.isFrameAddress
  }

  private func reason(_ rule: RegisterRule) -> UnknownReason {
    switch rule {
    case .offset: .slot
    case .expression, .valueExpression: .expression
    default: .registerValue
    }
  }

  /// What the row takes for the CFA; nil if that is not known.
  func cfa(_ claims: RowClaims, _ state: AbstractState, pc: UInt64) -> AbstractValue? {
    switch claims.cfa {
    case .unspecified: return nil
    case .register(let number, let offset):
      guard number < 16 else { return nil }
      let value = state[Int(number)].adding(offset)
      return value.isPlace ? value : nil
    case .expression(let block):
      return SymbolicExpression(section: section, cie: cie, pc: pc).value(of: block, initial: [], state, claimed: .cfa)
    }
  }

  /// What a rule recovers, the row's CFA being right; `unknown` if that is not known.
  func recovered(
    by rule: RegisterRule, of register: UInt16, _ state: AbstractState, pc: UInt64
  ) -> AbstractValue {
    switch rule {
    case .unspecified, .sameValue: return register < 16 ? state[Int(register)] : .unknown
    case .undefined: return .unknown
    case .offset(let offset): return state.load(.cfa.adding(offset))
    case .valueOffset(let offset):
      // What a callee-saved register was is not known relative to the frame; the caller's rsp is.
      return register == UInt16(AbstractState.rsp) ? .cfa.adding(offset) : .unknown
    case .register(let source): return source < 16 ? state[Int(source)] : .unknown
    case .expression(let block):
      let expression = SymbolicExpression(section: section, cie: cie, pc: pc)
      guard let address = expression.address(of: block, initial: [.cfa], state) else { return .unknown }
      return state.load(address)
    case .valueExpression(let block):
      let expected: AbstractValue =
        register == 16 ? .returnAddress : register == UInt16(AbstractState.rsp) ? .cfa : .entry(Int(register))
      return SymbolicExpression(section: section, cie: cie, pc: pc)
        .value(of: block, initial: [.cfa], state, claimed: expected) ?? .unknown
    }
  }
}
