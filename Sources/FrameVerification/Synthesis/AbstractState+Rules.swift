internal import Instructions

/// What a state says of rules: whether they are right, and which are.
extension AbstractState {
  /// Whether nothing but this function writes to a word: it does not lie below the red zone, as far as that is known.
  private func isKept(_ address: AbstractValue) -> Bool {
    let top = self[Self.rsp]
    guard top.base == address.base else { return true }
    return Int64(address.offset) >= Int64(top.offset) - Self.redZone
  }

  /// A register that leads to a word, and the distance.
  private func path(to address: AbstractValue) -> (register: Int, displacement: Int32)? {
    for register in [Self.rbp, Self.rsp] + Array(0..<16) where self[register].base == address.base {
      let (distance, overflow) = address.offset.subtractingReportingOverflow(self[register].offset)
      if !overflow { return (register, distance) }
    }
    return nil
  }

  /// Whether the CFA is found so.
  func holds(_ rule: SynthesizedCFA) -> Bool {
    switch rule {
    case .register(let register, let offset): return self[register].adding(Int64(offset)) == .cfa
    case .word(let register, let displacement, let offset):
      let address = self[register].adding(Int64(displacement))
      return load(address).adding(Int64(offset)) == .cfa && isKept(address)
    }
  }

  /// Whether `value` is found so.
  func holds(_ rule: SynthesizedRule, _ value: AbstractValue) -> Bool {
    switch rule {
    case .unchanged: return value.entryRegister.map { self[$0] == value } ?? false
    case .saved(let offset):
      let address = AbstractValue.cfa.adding(Int64(offset))
      return load(address) == value && isKept(address)
    case .register(let register): return self[register] == value
    case .savedBehind(let register, let displacement):
      let address = self[register].adding(Int64(displacement))
      return load(address) == value && isKept(address)
    case .undefined: return false
    }
  }

  /// The ways to find the CFA, the best first: by rsp and rbp or, where neither knows it, by another register or a word.
  var rulesForCFA: [SynthesizedCFA] {
    func rule(_ register: Int) -> SynthesizedCFA? {
      let value = self[register]
      guard value.isFrameAddress, value.offset != .min else { return nil }
      return .register(register, -value.offset)
    }
    let usual = [Self.rsp, Self.rbp].compactMap(rule)
    if !usual.isEmpty { return usual }
    let others = (0..<16).compactMap(rule)
    if !others.isEmpty { return others }
    var words: [SynthesizedCFA] = []
    for index in 0..<knownSlots {
      let slot = slot(index)
      guard slot.value.isFrameAddress, slot.value.offset != .min, isKept(slot.address),
        let (register, displacement) = path(to: slot.address)
      else { continue }
      words.append(.word(behind: register, displacement: displacement, -slot.value.offset))
    }
    return words
  }

  /// The ways to find `value`, the best first.
  func rules(for value: AbstractValue) -> [SynthesizedRule] {
    var found: [SynthesizedRule] = holds(.unchanged, value) ? [.unchanged] : []
    var distant: [SynthesizedRule] = []
    for index in 0..<knownSlots {
      let slot = slot(index)
      guard slot.value == value, isKept(slot.address) else { continue }
      if slot.address.isFrameAddress {
        found.append(.saved(slot.address.offset))
      } else if let (register, displacement) = path(to: slot.address) {
        distant.append(.savedBehind(register: register, displacement))
      }
    }
    for register in 0..<16 where self[register] == value && found.first != .unchanged {
      found.append(.register(register))
    }
    return found + distant
  }
}

/// What of a caller can be recovered in a state.
struct RecoverableSet: Sendable, Hashable {
  /// Bit n for the register of DWARF number n, 16 for the return address, 17 for the CFA.
  private var bits: UInt32 = 0

  init(of state: AbstractState, _ convention: Convention) {
    if !state.rulesForCFA.isEmpty { bits |= 1 << 17 }
    if !state.rules(for: .returnAddress).isEmpty { bits |= 1 << 16 }
    for register in SynthesizedRow.registers
    where convention.unchangedByDefault.contains(GeneralRegister(rawValue: UInt8(register))) {
      if !state.rules(for: .entry(register)).isEmpty { bits |= 1 << UInt32(register) }
    }
  }

  func isSubset(of other: RecoverableSet) -> Bool { bits & ~other.bits == 0 }
}
