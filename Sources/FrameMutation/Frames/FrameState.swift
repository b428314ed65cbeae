/// One row as operations: what defines its CFA, and what gives each register its rule.
struct FrameState: Sendable, Hashable {
  /// Nil where nothing defines it.
  var cfa: FrameOperation?
  var rules: [UInt16: FrameOperation] = [:]
}

/// A state and the address from which on it is in force.
struct LocatedState: Sendable, Hashable {
  var location: UInt64
  var state: FrameState
}

extension FrameState {
  /// The state that a CIE's operations leave.
  init(initialOf cie: EditableCIE) {
    for operation in cie.operations { apply(operation, initial: FrameState()) }
  }

  /// Executes an operation that needs no stack of states.
  private mutating func apply(_ operation: FrameOperation, initial: FrameState) {
    switch operation {
    case .defineCFA, .defineCFASigned, .defineCFAExpression: cfa = operation
    case .defineCFARegister(let register):
      switch cfa {
      case .defineCFA(_, let offset): cfa = .defineCFA(register: register, offset: offset)
      case .defineCFASigned(_, let factored): cfa = .defineCFASigned(register: register, factored: factored)
      default: break
      }
    case .defineCFAOffset(let offset):
      if let register = cfaRegister { cfa = .defineCFA(register: register, offset: offset) }
    case .defineCFAOffsetSigned(let factored):
      if let register = cfaRegister { cfa = .defineCFASigned(register: register, factored: factored) }
    case .restore(let register): rules[register] = initial.rules[register]
    case .argumentsSize, .rememberState, .restoreState, .raw: break
    default: if let register = operation.ruledRegister { rules[register] = operation }
    }
  }

  /// The register that the CFA is computed from, nil where an expression or nothing computes it.
  var cfaRegister: UInt16? {
    switch cfa {
    case .defineCFA(let register, _), .defineCFASigned(let register, _): register
    default: nil
    }
  }

  /// The bytes that are added to the CFA's register, nil as above or where they are factored.
  var cfaOffset: UInt64? {
    if case .defineCFA(_, let offset) = cfa { offset } else { nil }
  }

  /// The states of an FDE at each location where one begins, in order; the first is at its start.
  static func states(of fde: EditableFDE, cie: EditableCIE) -> [LocatedState] {
    let initial = FrameState(initialOf: cie)
    var state = initial
    var stack: [FrameState] = []
    var result = [LocatedState(location: fde.start, state: initial)]
    for directive in fde.directives {
      switch directive.operation {
      case .rememberState: stack.append(state)
      case .restoreState: state = stack.popLast() ?? state
      default: state.apply(directive.operation, initial: initial)
      }
      if let last = result.last, last.location == directive.location {
        result[result.count - 1].state = state
      } else {
        result.append(LocatedState(location: directive.location, state: state))
      }
    }
    return result
  }

  /// Directives that make these states one after another, of an FDE whose CIE leaves `initial`.
  static func directives(for states: [LocatedState], initial: FrameState) -> [Directive] {
    var result: [Directive] = []
    var last = initial
    for next in states {
      if let cfa = next.state.cfa, cfa != last.cfa { result.append(Directive(at: next.location, cfa)) }
      for register in Set(last.rules.keys).union(next.state.rules.keys).sorted()
      where last.rules[register] != next.state.rules[register] {
        result.append(Directive(at: next.location, next.state.rules[register] ?? .restore(register)))
      }
      last = next.state
    }
    return result
  }
}
