internal import Instructions

/// What a function is taken to do until its exits say otherwise: it is then followed again.
struct Supposition: Sendable {
  /// What a row without a rule claims, and what calls change.
  var convention: Convention
  /// Callee-saved registers of which the file's functions need not keep the value, and that this one seems to save and to restore.
  var seemSaved = RegisterSet(rawValue: 0)
  /// What callees took off the stack where `sub rsp` comes right behind a call under a row that says nothing of rsp.
  var popped = PoppedArguments.takenBack

  /// Where only `sub rsp` may tell what a callee took off the stack (`ret 8`, in Swift's asynchronous functions).
  enum PoppedArguments: Sendable, Hashable {
    /// What the `sub rsp` takes back, unless a push comes next: that makes room for the next call's arguments.
    case takenBack
    /// Nothing.
    case nothing
    /// It is not known.
    case unknown
  }
}

/// What the exits of a function say of it, all together.
struct Exits: Sendable {
  /// There is one.
  var isAny = false
  /// There is one that returns to the caller.
  var returns = false
  /// Registers that have at each the value they had at entry.
  var preserved = RegisterSet.calleeSaved
  /// At one of them rsp is known not to be what it was at entry.
  var isUnbalanced = false
  /// What `Supposition.popped` says was of account.
  var dependsOnPopped = false
}

extension FlowCheck {
  /// What is supposed first.
  mutating func suppose(_ code: FunctionCode) {
    supposition = Supposition(convention: fileConvention)
    supposition.seemSaved = savedBesides(code)
  }

  /// Callee-saved registers of which the file's functions need not keep the value, and that this one seems to save and to restore.
  private func savedBesides(_ code: FunctionCode) -> RegisterSet {
    let special = RegisterSet.calleeSaved.subtracting(fileConvention.unchangedByDefault)
    guard !special.isEmpty else { return [] }
    var saved: UInt16 = 0
    var restored: UInt16 = 0
    for instruction in code.instructions {
      switch instruction.effect {
      case .push(.register(let register)): saved |= 1 << UInt16(register.rawValue)
      case .pop(let register): restored |= 1 << UInt16(register.rawValue)
      default: break
      }
    }
    return RegisterSet(rawValue: special.rawValue & saved & restored)
  }

  /// Whether the exits say that the function is to be followed again, under another supposition: at most four times, since
  /// each settles something for good.
  mutating func reconsider() -> Bool {
    if judge.outermost == .possible, isNeverOutermost {
      judge = Judge(section: judge.section, cie: judge.cie, outermost: .excluded)
      return true
    }
    // Under the file's own convention, so that a rule that is missing hides no exit.
    let kept = exits.isAny ? supposition.seemSaved.intersection(exits.preserved) : []
    supposition.seemSaved = []
    if !kept.isEmpty {
      supposition.convention.unchangedByDefault.formUnion(kept)
      return true
    }
    if exits.dependsOnPopped, hasContradiction || exits.isUnbalanced {
      switch supposition.popped {
      case .takenBack: supposition.popped = .nothing
      case .nothing: supposition.popped = .unknown
      case .unknown: return false
      }
      return true
    }
    return false
  }

  /// Whether a row says that there is no return address, and the function returns or has rows that say where it is. Not behind a system
  /// call, which may have made the stack another (clone).
  private var isNeverOutermost: Bool {
    guard flow.rows.contains(where: \.isOutermost) else { return false }
    return (exits.returns || !flow.rows.allSatisfy(\.isOutermost)) && !flow.instructions.contains { $0.flow == .system }
  }

  /// Notes what is known where control leaves to a caller, or to a function that is to return to it.
  mutating func noteExit(_ state: AbstractState, isReturn: Bool) {
    guard state.isCertain, !isReporting else { return }
    exits.isAny = true
    if isReturn { exits.returns = true }
    let rsp = state[AbstractState.rsp]
    if rsp.isFrameAddress, rsp != .cfa.adding(-8) { exits.isUnbalanced = true }
    var kept = exits.preserved.rawValue
    for register in 0..<16 where kept >> UInt16(register) & 1 != 0 && state[register] != .entry(register) {
      kept &= ~(1 << UInt16(register))
    }
    exits.preserved = RegisterSet(rawValue: kept)
  }

  /// How much a callee took off the stack besides its return address, where the function goes on with `next`; nil if that is not known.
  ///
  /// Callers of Swift's asynchronous functions take the room back right behind the call. Where the row goes by rsp, it says what the
  /// callee did.
  mutating func poppedByCallee(of call: Instruction, before next: Int) -> Int64? {
    guard fileConvention.marksFramePointers, next < flow.instructions.count,
      case .sum(.rsp, .rsp, let change) = flow.instructions[next].effect, change < 0, let row = flow.row(at: next),
      !flow.rows[row].namesStackPointer
    else { return 0 }
    if case .call(let target?) = call.flow, let size = calls.poppedArguments(of: target, reader: reader) { return size }
    exits.dependsOnPopped = true
    switch supposition.popped {
    case .takenBack:
      if next + 1 < flow.instructions.count, case .push = flow.instructions[next + 1].effect { return 0 }
      return -change
    case .nothing: return 0
    case .unknown: return nil
    }
  }
}
