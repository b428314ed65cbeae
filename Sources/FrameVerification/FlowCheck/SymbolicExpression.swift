internal import CallFrameInfo

/// Evaluates DWARF expressions over what is known of registers and memory.
///
/// Each unknown word gets a made-up number, four times over: what comes out as the same word plus the same number each time is
/// that, for all that such arithmetic can do. What reads a register or memory of which nothing is known stays unknown.
struct SymbolicExpression {
  let section: CallFrameSection
  let cie: CIE
  /// The instruction before which it is evaluated: what rip stands for.
  let pc: UInt64

  /// What an evaluation has come by.
  private final class Reads {
    /// A word that the function, or one it called, has computed or never written.
    var hasComputed = false
  }

  /// Numbers for words. Frame addresses are aligned as the psABI asks (3.2.2) and lie in the lower half of the address space.
  private struct Numbers: EvaluationContext {
    let state: AbstractState
    let pc: UInt64
    let round: UInt64
    let reads: Reads
    var cfa: UInt64? { nil }

    func number(_ value: AbstractValue) -> UInt64? {
      guard value.isPlace else { return nil }
      let offset = UInt64(bitPattern: Int64(value.offset))
      if value.constant != nil { return offset }
      // Far apart, so that places of different bases never meet: splitmix64's first step for each base.
      var mixed = (UInt64(value.base) &+ 1) &* 0x9e37_79b9_7f4a_7c15 &+ round &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
      return mixed & 0x0000_7fff_ffff_ff00 &+ offset
    }

    func register(_ number: UInt16) -> UInt64? {
      if number == 16 { return pc }
      return number < 16 ? self.number(state[Int(number)]) : nil
    }

    func memory(at address: UInt64, size: Int) -> UInt64? {
      guard size == 8 else { return nil }
      for index in 0..<state.knownSlots {
        let slot = state.slot(index)
        if number(slot.address) == address, !slot.value.isComputed { return number(slot.value) }
      }
      return computed(at: address)
    }

    /// A number for a word of which only that is known that it is nothing of a caller's.
    private func computed(at address: UInt64) -> UInt64? {
      var pointers: [AbstractValue] = [.cfa]
      for register in 0..<16 where state[register].isPlace { pointers.append(state[register]) }
      for pointer in pointers where pointer.constant == nil {
        guard let place = number(pointer), let distance = Int32(exactly: Int64(bitPattern: address &- place)),
          state.load(pointer.adding(Int64(distance))).isComputed
        else { continue }
        reads.hasComputed = true
        return (address &* 0x9e37_79b9_7f4a_7c15 ^ round &* 0xbf58_476d_1ce4_e5b9) & 0x0000_7fff_ffff_fff8
      }
      return nil
    }
  }

  /// What the expression computes, among the words the state knows and `claimed`; nil if that is not known.
  func value(
    of block: ExpressionBlock, initial: [AbstractValue], _ state: AbstractState, claimed: AbstractValue
  ) -> AbstractValue? {
    result(of: block, initial: initial, state, claimed)
  }

  /// The address the expression computes, nil if that is not known.
  func address(
    of block: ExpressionBlock, initial: [AbstractValue], _ state: AbstractState
  ) -> AbstractValue? {
    result(of: block, initial: initial, state, .cfa)
  }

  private func result(
    of block: ExpressionBlock, initial: [AbstractValue], _ state: AbstractState, _ claimed: AbstractValue
  ) -> AbstractValue? {
    var results: [UInt64] = []
    var rounds: [Numbers] = []
    let reads = Reads()
    for round in 0..<4 {
      let numbers = Numbers(state: state, pc: pc, round: UInt64(round), reads: reads)
      let stack = initial.compactMap { numbers.number($0) }
      guard
        let number = try? ExpressionEvaluator.evaluate(
          block, in: section, cie: cie, initial: stack, context: numbers)
      else { return nil }
      results.append(number)
      rounds.append(numbers)
    }
    // The words it may be: what was asked for, what registers and memory hold, and places of words.
    var candidates = [claimed, .cfa]
    for register in 0..<16 { candidates.append(state[register]) }
    for index in 0..<state.knownSlots {
      candidates.append(state.slot(index).value)
      candidates.append(state.slot(index).address)
    }
    for candidate in candidates where candidate.isPlace && candidate.constant == nil {
      guard let first = rounds[0].number(candidate) else { continue }
      let distance = results[0] &- first
      guard let offset = Int32(exactly: Int64(bitPattern: distance)) else { continue }
      if zip(rounds, results).allSatisfy({ numbers, result in numbers.number(candidate).map { $0 &+ distance } == result
      }) {
        return candidate.adding(Int64(offset))
      }
    }
    // A number that depends on nothing.
    if results.allSatisfy({ $0 == results[0] }) { return .constant(Int64(bitPattern: results[0])) }
    return reads.hasComputed ? .computed : nil
  }
}
