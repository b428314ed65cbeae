internal import FrameMutation

/// Scores as Markdown: a table by kind, sums, and the mutants that were not found.
struct ScoreReport {
  private let scores: [MutantScore]
  /// Names of builds by the path of their file.
  private let builds: [String: String]
  private let refutedUnmutated: Int

  init(_ scores: [MutantScore], builds: [String: String], refutedUnmutated: Int) {
    self.scores = scores
    self.builds = builds
    self.refutedUnmutated = refutedUnmutated
  }

  /// Counts of some mutants.
  private struct Line {
    var mutants = 0
    var equivalent = 0
    var notExecuted = 0
    var scored = 0
    var found = 0
    var unknown = 0
    var proved = 0
    /// Of those scored, how many the check of executions was asked about, and how many it refutes.
    var run = 0
    var refutedByRun = 0

    mutating func add(_ score: MutantScore) {
      mutants += 1
      switch score.equivalence {
      case .equivalent: equivalent += 1
      case .notExecuted: notExecuted += 1
      case nil, .different:
        scored += 1
        switch score.outcome {
        case .caught, .refuted: found += 1
        case .unknown: unknown += 1
        case .proved: proved += 1
        }
        switch score.step {
        case .unscored, .silent, .undecided: break
        case .missed: run += 1
        case .refuted:
          run += 1
          refutedByRun += 1
        }
      }
    }

    func row(_ name: String, _ class: String) -> String {
      "| \(name) | \(`class`) | \(mutants) | \(equivalent) | \(notExecuted) | \(scored) | \(found) | \(unknown) "
        + "| \(proved) | \(Self.percentage(found, of: scored)) | \(run > 0 ? "\(refutedByRun)" : "–") "
        + "| \(Self.percentage(refutedByRun, of: run)) |"
    }

    /// With two digits, rounded down: 100.00 is all.
    private static func percentage(_ part: Int, of whole: Int) -> String {
      guard whole > 0 else { return "–" }
      let share = 10_000 * part / whole
      return "\(share / 100).\(share % 100 < 10 ? "0" : "")\(share % 100)"
    }
  }

  /// A kind and the rules that fired.
  private struct Found: Hashable {
    var kind: String
    var rules: [String]

    var text: String { "`\(kind)` by \(rules.joined(separator: ", "))" }
  }

  var markdown: String {
    var lines = [
      "| kind | class | mutants | equivalent | not executed | scored | found | unknown | proved | % | run | run % |",
      "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    var byKind: [String: Line] = [:]
    var sums: [MutationKind.Class: Line] = [:]
    for score in scores {
      byKind[score.kind.id, default: Line()].add(score)
      sums[score.kind.class, default: Line()].add(score)
    }
    for kind in MutationKind.all {
      if let line = byKind[kind.id] { lines.append(line.row("`\(kind.id)`: \(kind.summary)", kind.class.rawValue)) }
    }
    for kindClass in [MutationKind.Class.structural, .semantic] {
      if let sum = sums[kindClass] { lines.append(sum.row("**all**", kindClass.rawValue)) }
    }
    lines += ["", "Errors and warnings in unmutated files: \(refutedUnmutated).", ""]
    let found = scores.filter { $0.equivalence == .equivalent && $0.isFound }
    let counts = Dictionary(found.map { (Found(kind: $0.kind.id, rules: $0.rules), 1) }, uniquingKeysWith: +)
    lines.append("Equivalent mutants that lint or the flow check finds wrong nevertheless: \(found.count).")
    lines.append("")
    for (found, count) in counts.sorted(by: { ($1.value, $0.key.text) < ($0.value, $1.key.text) }) {
      lines.append("- \(count): \(found.text)")
    }
    if !counts.isEmpty { lines.append("") }
    for (outcome, text) in [
      (
        StepOutcome.silent,
        "Mutants that a run is not asked about since they only declare registers lost"
      ),
      (.undecided, "Mutants that a run is not asked about since only registers differ that no call gave back"),
    ] {
      lines += ["\(text): \(scores.count { $0.isScored && $0.step == outcome }).", ""]
    }
    let refuted = scores.filter { $0.equivalence == .equivalent && $0.step == .refuted }
    lines += ["Equivalent mutants that the check of executions refutes nevertheless: \(refuted.count).", ""]
    lines += refuted.map { "- `\($0.kind.id)` of \($0.function) (\(builds[$0.path] ?? $0.path)): \($0.note)" }
    return lines.joined(separator: "\n")
  }

  /// The mutants that the check of executions does not refute, one a line.
  var survivorsOfRun: [String] {
    let left = scores.compactMap { score in
      if score.isScored, case .missed(let first) = score.step { (score, first) } else { nil }
    }
    if left.isEmpty { return ["## Survivors of the run", "", "None."] }
    return ["## Survivors of the run", ""]
      + left.map { score, first in
        "- `\(score.kind.id)` of \(score.function) (\(builds[score.path] ?? score.path)): \(score.note); first \(first)"
      }
  }

  /// The mutants that were not found, one a line.
  var survivors: [String] {
    let left = scores.filter { $0.isScored && !$0.isFound }
    if left.isEmpty { return ["## Survivors", "", "None."] }
    return ["## Survivors", ""]
      + left.map { score in
        var line =
          "- \(score.outcome.rawValue): `\(score.kind.id)` of \(score.function) (\(builds[score.path] ?? score.path)): "
        line += score.note
        if case .different(let addresses, let first)? = score.equivalence {
          line += "; differs at \(addresses.count) instructions, first \(first)"
        }
        if let hole = score.hole { line += "; proved at 0x\(String(hole, radix: 16))" }
        return line
      }
  }
}
