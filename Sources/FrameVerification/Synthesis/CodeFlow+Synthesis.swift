internal import CallFrameInfo
internal import Instructions

extension CodeFlow {
  /// The rows of the function that is entered at `head` by a call.
  ///
  /// O(instructions), but for loops, whose blocks are followed again while what is known at their start shrinks.
  ///
  /// - Parameter parts: its addresses as far as they are known; parts that control goes to with a frame are added.
  /// - Returns: nil if it has more than 1 MiB of code.
  package mutating func synthesize(_ head: UInt64, in parts: [Range<UInt64>]) -> SynthesizedFunction? {
    guard follow(from: head, in: parts) else { return nil }
    let states = statesByInstruction()
    var choice = RowChoice(states, isPadding: flow.instructions.map(\.isFiller), convention)
    var result = SynthesizedFunction(
      head: head, parts: [], unresolvedJumps: unresolved.sorted().map { flow.instructions[$0].address })
    var start = 0
    for range in ranges {
      var end = start
      while end < flow.instructions.count, flow.instructions[end].address < range.upperBound { end += 1 }
      let rows = choice.rows(of: start..<end)
      let lines = zip(start..<end, rows).map { index, row in
        line(index, row, states[index], choice.gaps[index])
      }
      let isOther = !range.contains(head) && facts.isWholeFunction(range.lowerBound)
      result.parts.append(SynthesizedFunction.Part(addresses: range, isOtherFunction: isOther, lines: lines))
      start = end
    }
    return result
  }

  private func line(
    _ index: Int, _ row: SynthesizedRow, _ state: AbstractState?, _ gap: SynthesisGap?
  ) -> SynthesizedFunction.Line {
    let instruction = flow.instructions[index]
    let isPadding = gap == .unreached && instruction.isFiller
    return SynthesizedFunction.Line(
      instruction: instruction, row: row, gap: isPadding ? nil : gap, isAssumed: state?.standing == .assumed,
      comparison: compare(index, state), isEndlessCall: dropped.contains(index))
  }

  /// The file's own row beside what is known.
  private func compare(_ index: Int, _ state: AbstractState?) -> RowComparison {
    let address = flow.instructions[index].address
    guard var state, let row = file.row(at: index), let fde = table.fde(at: address) else { return .none }
    let judge = Judge(section: table.section(of: fde), cie: table.cie(of: fde))
    let judgement = judge.judge(file.rows[row], &state, pc: address)
    if judgement.isSatisfied { return .agrees }
    if file.rows[row].isOutermost { return .outermost }
    return judgement.disagreement.isEmpty ? .undecided : .differs
  }
}
