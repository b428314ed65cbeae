internal import FiberInspection

/// Decides at one instruction who is wrong where an unwinder differs from our rows.
struct AgreementJudge {
  let reference: WalkedCallers
  let others: [(unwinder: UnwinderName, walk: WalkedCallers)]
  private let comparison: TrueCallers.Comparison?
  /// Those whose views are told.
  var views: [UnwinderName]

  /// - Parameter truth: nil where it is not known.
  init(
    reference: WalkedCallers, others: [(unwinder: UnwinderName, walk: WalkedCallers)], truth: TrueCallers?,
    memory: any MemoryReader
  ) {
    self.reference = reference
    self.others = others
    var words = StepWords(memory)
    comparison = truth?.compared(with: reference.stackWalk, &words)
    views = others.map(\.unwinder)
  }

  /// Who is wrong if `walk` differs from frame `number` on (0 is the caller): where it is our rows that fail, who they are is said.
  /// nil where both have lost their way before.
  func verdict(
    on walk: WalkedCallers, from number: Int
  ) -> (verdict: Disagreement.Verdict, unwinder: UnwinderName?, truth: Disagreement.Claim?)? {
    guard let comparison else { return (.undecided, nil, nil) }
    if number < comparison.confirmed {
      return (.unwinder, nil, comparison.confirmed == .max ? nil : reference.claim(number))
    }
    guard let difference = comparison.difference, let actual = comparison.truth else { return (.undecided, nil, nil) }
    if number > difference.frame { return nil }
    let claim = Disagreement.Claim.frame(pc: actual.pc, sp: actual.sp)
    if number == difference.frame, number == reference.frames.count, case .failed = reference.end,
      walk.claim(number) == claim
    {
      // The others read the row as it is meant.
      return (.unwinder, .rows, claim)
    }
    return (.table, nil, claim)
  }

  /// What all say of frame `number`.
  func views(of number: Int) -> [Disagreement.View] {
    views.map { name in
      let walk = name == .rows ? reference : others.first { $0.unwinder == name }?.walk
      guard let walk, reference.difference(from: walk).map({ $0 >= number }) ?? true else {
        return Disagreement.View(unwinder: name, claim: .notReached)
      }
      return Disagreement.View(unwinder: name, claim: walk.claim(number))
    }
  }
}
