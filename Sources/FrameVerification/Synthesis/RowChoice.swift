internal import Instructions

/// Chooses a row before each instruction, so that rows change as seldom as they can.
///
/// Of the ways to find a thing, the one that stays right for the most instructions is taken, which makes the fewest changes; and it is
/// taken as soon as it is right, as compilers do: behind `push rbx`, not where rbx gets another value.
struct RowChoice {
  private let states: [AbstractState?]
  /// It does nothing: what nothing leads to has the row of what follows, if it is that.
  private let isPadding: [Bool]
  private let convention: Convention
  /// Why there is no row, by instruction.
  private(set) var gaps: [SynthesisGap?]

  init(_ states: [AbstractState?], isPadding: [Bool], _ convention: Convention) {
    self.states = states
    self.isPadding = isPadding
    self.convention = convention
    gaps = Array(repeating: nil, count: states.count)
  }

  /// The rows before the instructions of a range without gaps in memory; where none is known, the one before stays.
  mutating func rows(of range: Range<Int>) -> [SynthesizedRow] {
    for index in range {
      guard let state = states[index] else {
        gaps[index] = .unreached
        continue
      }
      if state.rulesForCFA.isEmpty {
        gaps[index] = .frameAddress
      } else if state.rules(for: .returnAddress).isEmpty {
        gaps[index] = .returnAddress
      }
    }
    var rows = [SynthesizedRow](repeating: .initial, count: range.count)
    let frames = choose(range, from: SynthesizedCFA.register(AbstractState.rsp, 8)) {
      $0.holds($1)
    } candidates: {
      $0.rulesForCFA
    }
    for (place, cfa) in frames.enumerated() { rows[place].cfa = cfa }
    let returns = choose(range, from: SynthesizedRule.saved(-8)) {
      $0.holds($1, .returnAddress)
    } candidates: {
      $0.rules(for: .returnAddress)
    }
    for (place, rule) in returns.enumerated() { rows[place].returnAddress = rule }
    for (place, register) in SynthesizedRow.registers.enumerated() {
      // Where calls may change a register, a row without a rule for it claims nothing.
      let isPreserved = convention.unchangedByDefault.contains(GeneralRegister(rawValue: UInt8(register)))
      let lost: SynthesizedRule = isPreserved ? .undefined : .unchanged
      let isEverChanged = range.contains { states[$0].map { $0[register] != .entry(register) } ?? false }
      let rules = choose(range, from: SynthesizedRule.unchanged) {
        $0.holds($1, .entry(register)) || $1 == lost && $0.rules(for: .entry(register)).isEmpty
      } candidates: {
        let rules = $0.rules(for: .entry(register))
        return rules.isEmpty ? [lost] : rules
      } next: { rule, before, after in
        // Right behind the instruction that saves it.
        guard isEverChanged, rule == .unchanged else { return nil }
        return after.rules(for: .entry(register)).first {
          if case .register = $0 { return false }
          return $0 != .unchanged && !before.holds($0, .entry(register))
        }
      }
      for (index, rule) in rules.enumerated() { rows[index][place] = rule }
    }
    return rows
  }

  /// One thing's rule before each instruction.
  ///
  /// The number of candidates is bounded by what a state knows, so this is O(instructions): what is looked at ahead for candidates is
  /// at most what is then passed over, that many times.
  private func choose<Rule: Equatable>(
    _ range: Range<Int>, from first: Rule, holds: (AbstractState, Rule) -> Bool,
    candidates: (AbstractState) -> [Rule],
    next: (_ rule: Rule, _ before: AbstractState, _ after: AbstractState) -> Rule? = { _, _, _ in nil }
  ) -> [Rule] {
    var result: [Rule] = []
    result.reserveCapacity(range.count)
    var rule = first
    var start = range.lowerBound
    for index in range {
      guard gaps[index] == nil, let state = states[index] else {
        result.append(rule)
        continue
      }
      if index > start, let before = states[index - 1], let better = next(rule, before, state) {
        rule = better
        start = index
      } else if !holds(state, rule) {
        var best: (rule: Rule, end: Int)?
        for candidate in candidates(state) {
          let end = runEnd(of: candidate, from: index, to: range.upperBound, holds)
          if best.map({ end > $0.end }) ?? true { best = (candidate, end) }
        }
        if let best {
          // As soon as it is right.
          var place = index
          while place - 1 > start {
            if gaps[place - 1] == nil, let before = states[place - 1] {
              guard holds(before, best.rule) else { break }
            } else if !isPadding[place - 1] {
              break
            }
            place -= 1
          }
          for earlier in place..<index { result[earlier - range.lowerBound] = best.rule }
          rule = best.rule
          start = place
        }
      }
      result.append(rule)
    }
    return result
  }

  private func runEnd<Rule>(
    of rule: Rule, from index: Int, to end: Int, _ holds: (AbstractState, Rule) -> Bool
  ) -> Int {
    var place = index + 1
    while place < end {
      if gaps[place] == nil, let state = states[place], !holds(state, rule) { break }
      place += 1
    }
    return place
  }
}
