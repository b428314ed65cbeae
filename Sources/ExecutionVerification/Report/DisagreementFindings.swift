internal import CallFrameInfo
internal import FiberInspection
internal import FrameVerification

/// Makes findings of where unwinders differ in one file: one for each function, unwinder and verdict, at the first instruction.
struct DisagreementFindings {
  private struct Key: Hashable {
    var function: UInt64
    var unwinder: UnwinderName
    var verdict: Disagreement.Verdict
  }

  private let disagreements: [Disagreement]
  private let file: ListedFile?

  init(_ agreement: AgreementReport?, path: String, buildID: [UInt8]?, _ file: ListedFile?) {
    disagreements = agreement?.disagreements.filter { $0.path == path && $0.buildID == buildID } ?? []
    self.file = file
  }

  /// By address and unwinder.
  var findings: [Finding] {
    var groups: [Key: [Disagreement]] = [:]
    for disagreement in disagreements {
      let function = file?.table.fde(at: disagreement.address)?.addresses.lowerBound ?? disagreement.address
      let key = Key(function: function, unwinder: disagreement.unwinder, verdict: disagreement.verdict)
      groups[key, default: []].append(disagreement)
    }
    return groups.values.map(finding).sorted { ($0.address ?? 0, $0.explanation) < ($1.address ?? 0, $1.explanation) }
  }

  private func finding(_ group: [Disagreement]) -> Finding {
    let first = group.min { $0.address < $1.address } ?? group[0]
    let places = Set(group.map(\.address)).count
    let times = group.reduce(0) { $0 + $1.count }
    let views = first.views.map { "\($0.unwinder.rawValue) \(Self.text($0.claim))" }.joined(separator: ", ")
    var explanation = "\(first.unwinder.rawValue) differs in frame \(first.frame): \(views)"
    if let truth = first.truth { explanation += "; control \(Self.trueText(truth))" }
    explanation += "; \(Self.fault(first)) (\(seen(times, at: places)))"
    // Where the rows are wrong, that has findings of its own.
    return Finding(
      .stepUnwinder, severity: first.verdict == .unwinder ? .warning : .note,
      fde: file?.table.index(at: first.address), address: first.address, explanation: explanation)
  }

  private static func fault(_ disagreement: Disagreement) -> String {
    switch disagreement.verdict {
    case .unwinder: "the rows are right, and \(disagreement.unwinder.rawValue) is at fault"
    case .table: "the rows are at fault"
    case .undecided: "who is right was not seen"
    }
  }

  private static func text(_ claim: Disagreement.Claim) -> String {
    switch claim {
    case .frame(let pc, let sp): "finds \(hexadecimal(pc))\(sp.map { " with rsp \(hexadecimal($0))" } ?? "")"
    case .outermost: "says there is no caller"
    case .failed(let reason): "gives up (\(reason))"
    case .notReached: "does not get so far"
    }
  }

  private static func trueText(_ claim: Disagreement.Claim) -> String {
    switch claim {
    case .frame(let pc, let sp): "goes to \(hexadecimal(pc))\(sp.map { " with rsp \(hexadecimal($0))" } ?? "")"
    case .outermost, .failed, .notReached: "goes nowhere"
    }
  }
}
