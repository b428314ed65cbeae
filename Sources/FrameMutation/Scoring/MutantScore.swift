internal import FrameVerification

/// What verification made of one mutant.
package struct MutantScore: Sendable {
  package enum Outcome: String, Sendable, Hashable {
    /// Lint has an error or a warning that the file as it was has not.
    case caught
    /// The flow check has one.
    case refuted
    /// Neither has, and no instruction whose row recovers something else is proved.
    case unknown
    /// An instruction whose row recovers something else is proved; of a mutant that recovers the same: nothing is found.
    case proved
  }

  package let kind: MutationKind
  package let path: String
  package let function: String
  /// What was changed.
  package let note: String
  /// Nil for structural mutants, whose bytes are wrong whatever their rows recover.
  package let equivalence: Equivalence?
  package let outcome: Outcome
  /// What the check of executions says of the mutant's rows on the recorded ones.
  package let step: StepOutcome
  /// Ids of the rules that found it.
  package let rules: [String]
  /// Of `Equivalence.different`: the first instruction whose row recovers something else and is proved.
  package let hole: UInt64?

  /// It counts: it is no equivalent, and what it changes was executed.
  package var isScored: Bool {
    switch equivalence {
    case nil, .different: true
    case .equivalent, .notExecuted: false
    }
  }

  package var isFound: Bool { outcome == .caught || outcome == .refuted }
}

/// A function to mutate: its records and the visits to it.
package struct ScoredFunction: Sendable {
  package let site: MutationSite
  package let name: String
  let comparison: RowComparison
}

extension MutatedFile {
  /// Verifies one mutant. A structural one has only to be found by lint.
  package func score(_ mutation: Mutation, of kind: MutationKind, in function: ScoredFunction) -> MutantScore {
    let mutant = mutant(mutation)
    var outcome = MutantScore.Outcome.proved
    var rules: [String] = []
    var equivalence: Equivalence?
    var hole: UInt64?
    var step = StepOutcome.unscored
    func made() -> MutantScore {
      MutantScore(
        kind: kind, path: path, function: function.name, note: mutation.note, equivalence: equivalence,
        outcome: outcome, step: step, rules: rules, hole: hole)
    }
    if mutant.table == nil {
      outcome = .caught
      rules = ["unreadable"]
      return made()
    }
    if kind.class == .semantic, let table = mutant.table {
      (equivalence, step) = function.comparison.compare(table)
    }
    rules = Set(lint(mutant).map(\.rule.id)).sorted()
    if !rules.isEmpty {
      outcome = .caught
      return made()
    }
    if kind.class == .structural { return made() }
    let flow = flow(mutant, fde: function.site.fde)
    rules = Set(flow.findings.map(\.rule.id)).sorted()
    if !rules.isEmpty {
      outcome = .refuted
    } else if case .different(let addresses, _) = equivalence {
      hole = addresses.first(where: flow.proved.contains)
      outcome = hole == nil ? .unknown : .proved
    } else if let verdicts = flow.verdicts, !verdicts.unknown.isEmpty {
      outcome = .unknown
    }
    return made()
  }
}
