internal import CallFrameInfo
internal import Instructions

/// A way in which a row is known to be wrong. Two rows that are wrong in the same way one after the other are one defect.
struct Disagreement: Sendable, Hashable {
  /// What the CFA of the row is where it is not the CFA; nil if that is right.
  var cfa: AbstractValue?
  /// What the row takes for the return address, if that is none.
  var returnAddress: AbstractValue?
  /// Registers of which the row recovers another value, or none though it is there.
  var registers = RegisterSet(rawValue: 0)
  /// The row says that there is no return address, and there is one.
  var losesReturnAddress = false

  /// There is none.
  var isEmpty: Bool { cfa == nil && returnAddress == nil && registers.rawValue == 0 && !losesReturnAddress }
}

/// A row, compared with what is known.
struct Judgement: Sendable {
  /// What is wrong with it.
  var disagreement = Disagreement()
  /// Why some of it is not known to be right, nil if all is.
  var doubt: UnknownReason?

  /// It is not known whether the row's CFA is the frame's.
  var hasUnknownCFA = false

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
  /// Registers that the first row of a function entered otherwise than by a call declares lost: their value at entry is nowhere.
  var lostAtEntry: RegisterSet = []
  /// What a frame without a return address is in this function.
  let outermost: Outermost

  /// What is known of a function's frame that a row declares the outermost one.
  enum Outermost: Sendable, Hashable {
    /// It is: nobody has called the function, which the operating system starts at.
    case certain
    /// Nothing that was seen returns from it.
    case possible
    /// The function returns to whoever called it.
    case excluded
  }

  init(section: CallFrameSection, cie: CIE, outermost: Outermost = .possible) {
    self.section = section
    self.cie = cie
    self.outermost = outermost
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
    // Of a frame that nobody unwinds from, nothing else is ever asked.
    if claims.isOutermost, outermost == .certain { return result }
    switch cfa(claims, state, pc: pc) {
    case .some(let value) where value == .cfa: break
    case .some(let value) where describesContext(claims, value):
      // Nothing of it can be compared with this frame.
      result.isOtherFrame = true
      result.doubt = .otherFrame
      return result
    case .some(let value) where isDecided(cfa: value, state):
      result.disagreement.cfa = value
      // The rest is wrong with it.
      return result
    case .some:
      result.hasUnknownCFA = true
      result.doubt = .registerValue
    case .none:
      result.hasUnknownCFA = true
      if case .register = claims.cfa { result.doubt = .registerValue } else { result.doubt = .expression }
    }
    // The frame may have been moved to where a pointer leads that the caller gave, with copies of what it saves (libffi's
    // ffi_call_unix64): what lies at these distances from the true CFA says nothing.
    let mayHaveMoved = result.doubt == .registerValue && cfa(claims, state, pc: pc) == nil
    if claims.isOutermost {
      if state.load(.cfa.adding(-8)) == .returnAddress {
        if outermost == .excluded { result.disagreement.losesReturnAddress = true } else { result.doubt = .outermost }
      }
    } else {
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
      // The base of a stack, whose link is at once the frame pointer of the frame it leads to and where that frame's stack begins.
      let mayBeLink = value == .cfa && state.standing != .proved && !isUnchanged && claims.findsFrameByExpression
      if value.isUnknown || mayBeLink || mayHaveMoved && !isUnchanged
        || value == .mixed && RegisterSet.calleeSaved.rawValue >> UInt16(register) & 1 == 0
      {
        result.doubt = result.doubt ?? (isUnchanged ? .registerValue : reason(claims[register]))
      } else {
        result.disagreement.registers = RegisterSet(
          rawValue: result.disagreement.registers.rawValue | 1 << UInt16(register))
      }
    }
    // Registers of another activation than the row's are none of its business: a switch has them already when its row turns to the
    // frame it leaves to.
    if !claims.undefined.isEmpty, !claims.isOutermost, result.doubt == nil, !state.isFrameAdopted {
      judgeLosses(of: claims, state, &result)
    }
    return result
  }

  /// What is declared lost, and is there: nothing else keeps it from who unwinds.
  private func judgeLosses(of claims: RowClaims, _ state: AbstractState, _ result: inout Judgement) {
    let lost = claims.undefined.subtracting(lostAtEntry)
    for register in 0..<16 where lost.rawValue >> UInt16(register) & 1 != 0 {
      if register == AbstractState.rsp || state.holds(.entry(register)) {
        result.disagreement.registers = RegisterSet(
          rawValue: result.disagreement.registers.rawValue | 1 << UInt16(register))
      } else if state[register].isUnknown {
        result.doubt = result.doubt ?? .registerValue
      }
    }
  }

  /// Whether a word that a row takes for the CFA is certainly not the CFA. An aligned stack pointer may be it, now and then.
  private func isDecided(cfa value: AbstractValue, _ state: AbstractState) -> Bool {
    value.isComputed || state.aligned.isBelowCFA(value) || value.isFrameAddress || value.entryRegister != nil
      || value.constant != nil
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
      return value.isPlace || value == .gone ? value : nil
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
    case .offset(let offset): return state.isBelowRedZone(offset) ? .computed : state.load(.cfa.adding(offset))
    case .valueOffset(let offset):
      return .cfa.adding(offset)
    case .register(let source): return source < 16 ? state[Int(source)] : .unknown
    case .expression(let block):
      let expression = SymbolicExpression(section: section, cie: cie, pc: pc)
      guard let address = expression.address(of: block, initial: [.cfa], state) else { return .unknown }
      let word = state.load(address)
      // GCC's rows of realigned frames go on finding registers by way of rbp once rbp is the caller's again. Any other way into a
      // caller's memory leads to what this function has never saved there.
      if word.isUnknown, address.entryRegister != nil,
        AbstractState.registerPlus(block, in: section, cie: cie) == nil
      {
        return .computed
      }
      return word
    case .valueExpression(let block):
      let expected: AbstractValue =
        register == 16 ? .returnAddress : register == UInt16(AbstractState.rsp) ? .cfa : .entry(Int(register))
      return SymbolicExpression(section: section, cie: cie, pc: pc)
        .value(of: block, initial: [.cfa], state, claimed: expected) ?? .unknown
    }
  }
}
