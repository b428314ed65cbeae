internal import CallFrameInfo
internal import FiberInspection
package import FrameVerification

/// What a run showed, as verification reports it: names and listings are looked up here, when nothing is stopped any more.
package struct ExecutionReport {
  private let steps: StepReport
  private let options: RunOptions
  private let focus: FunctionFocus
  private let listsUnjudged: Bool

  /// - Parameters:
  ///   - options: those of the run: what was not asked for is left out.
  ///   - listsUnjudged: instructions that were not judged are listed as findings, one for each function and reason.
  package init(_ steps: StepReport, options: RunOptions, listsUnjudged: Bool) {
    self.steps = steps
    self.options = options
    focus = FunctionFocus(options)
    self.listsUnjudged = listsUnjudged
  }

  /// How often each row of the file at `path` was right, by the file's addresses; without those that were wrong once. nil if nothing of
  /// the file was executed.
  package func right(path: String) -> [UInt64: Int]? {
    let indexes = steps.modules.indices.filter { steps.modules[$0].path == path && wasExecuted($0) }
    if indexes.isEmpty { return nil }
    var result: [UInt64: Int] = [:]
    for index in indexes { result.merge(steps.modules[index].seen, uniquingKeysWith: +) }
    for mismatch in steps.mismatches where indexes.contains(mismatch.module) { result[mismatch.address] = nil }
    return result
  }

  /// The files of which something was executed that was asked for, by path.
  package var files: [ReportedFile] {
    steps.modules.indices.filter { wasExecuted($0) && (steps.modules[$0].path.isEmpty || isWanted($0)) }
      .sorted { (steps.modules[$0].path, $0) < (steps.modules[$1].path, $1) }
      .map(file).filter { ($0.execution?.instructions ?? 0) > 0 || !$0.findings.isEmpty }
  }

  private func wasExecuted(_ index: Int) -> Bool {
    !steps.modules[index].seen.isEmpty || !steps.modules[index].unjudged.isEmpty
      || steps.mismatches.contains { $0.module == index }
  }

  private func isWanted(_ index: Int) -> Bool { options.isWanted(module: steps.modules[index].path) }

  private func file(_ index: Int) -> ReportedFile {
    let module = steps.modules[index]
    let path = module.path.isEmpty ? "[code in no file]" : module.path
    var report = ReportedFile(path: path, buildID: module.buildID.map(Self.digits))
    report.isCheckedWhole = false
    let listed = listed(module)
    let isWanted = { (address: UInt64) in
      guard let image = module.image else { return focus.isModulesOnly }
      return focus.contains(address, path: module.path, image: image)
    }
    let mismatches = steps.mismatches.filter { $0.module == index && isWanted($0.address) }
    report.execution = execution(module, mismatches, listed?.file, isWanted)
    var findings = MismatchFindings(mismatches, listed?.file, name).findings
    findings += DisagreementFindings(steps.agreement, path: module.path, buildID: module.buildID, listed?.file)
      .findings.filter { isWanted($0.address ?? 0) }
    if listsUnjudged { report.findings += unjudged(module, listed, isWanted) }
    report.findings += listed?.names.reported(findings).map(\.mendable) ?? findings.map(ReportedFinding.init(unnamed:))
    report.findings.sort {
      ($0.pc ?? .max, $0.rule.id, $0.explanation) < ($1.pc ?? .max, $1.rule.id, $1.explanation)
    }
    return report
  }

  private func listed(_ module: StepReport.Module) -> (file: ListedFile, names: FindingNames)? {
    // Why a file cannot be read is among the run's problems.
    guard let image = module.image, let file = try? ListedFile(image, path: module.path) else { return nil }
    return (file, FindingNames(file))
  }

  private func name(_ place: Mismatch.Place) -> String? {
    guard steps.modules.indices.contains(place.module), let image = steps.modules[place.module].image else {
      return nil
    }
    // Return addresses: the call before may be the last instruction of its function.
    let names = ModuleNames(image)
    if let name = names.name(at: place.address &- 1) { return "\(name.function)+\(name.offset &+ 1)" }
    return names.name(at: place.address).map(\.function)
  }

  private func execution(
    _ module: StepReport.Module, _ mismatches: [Mismatch], _ file: ListedFile?, _ isWanted: (UInt64) -> Bool
  ) -> ReportedExecution {
    var execution = ReportedExecution()
    let refuted = Set(mismatches.map(\.address))
    for (address, times) in module.seen where !refuted.contains(address) && isWanted(address) {
      execution.right += 1
      execution.times += times
    }
    var unjudged: [StepReport.Unjudged: Int] = [:]
    for (address, reason) in module.unjudged
    where module.seen[address] == nil && !refuted.contains(address) && isWanted(address) {
      unjudged[reason, default: 0] += 1
    }
    execution.refuted = refuted.count
    execution.unjudged = StepReport.Unjudged.allCases.compactMap { reason in
      unjudged[reason].map { ReportedUnjudged(reason: reason.rawValue, count: $0) }
    }
    execution.instructions = execution.right + execution.refuted + unjudged.values.reduce(0, +)
    execution.functions = module.activations.keys.count(where: isWanted)
    execution.fdes = file?.table.fdes.count
    return execution
  }

  /// What of each function was executed and not judged, a finding for each reason.
  private func unjudged(
    _ module: StepReport.Module, _ listed: (file: ListedFile, names: FindingNames)?, _ isWanted: (UInt64) -> Bool
  ) -> [ReportedFinding] {
    var groups: [UInt64: [StepReport.Unjudged: [UInt64]]] = [:]
    for (address, reason) in module.unjudged where module.seen[address] == nil && isWanted(address) {
      let start = listed?.names.functionStart(of: address) ?? 0
      groups[start, default: [:]][reason, default: []].append(address)
    }
    return groups.flatMap { _, reasons in
      reasons.map { reason, addresses in
        let first = addresses.min() ?? 0
        let count = addresses.count
        var finding = Finding(
          .undecided, address: first,
          explanation:
            "\(count) executed \(count == 1 ? "instruction was" : "instructions were") not judged: \(reason.sentence)")
        finding.severity = .note
        var reported = listed?.names.reported([finding]).first ?? ReportedFinding(unnamed: finding)
        reported.verdict = .unknown
        return reported
      }
    }
  }

  private static func digits(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

extension ReportedFinding {
  /// Of a file that cannot be listed.
  fileprivate init(unnamed finding: Finding) {
    self.init(
      rule: finding.rule, severity: finding.severity, verdict: .refuted, explanation: finding.explanation)
    pc = finding.address
    story = finding.evidence.map { ReportedStory(evidence: $0, lines: []) }
  }

  /// With the instruction that its directive belongs after, which the listing tells; without the directive where that is not listed.
  fileprivate var mendable: ReportedFinding {
    guard let story, let remedy = story.evidence.remedy, remedy.after == nil else { return self }
    var finding = self
    if let before = story.lines.first(where: { $0.end == pc }) {
      finding.story?.evidence.remedy = Remedy(remedy.directive, after: before.address)
    } else if functionOffset != 0 {
      finding.story?.evidence.remedy = nil
    }
    return finding
  }
}

extension StepReport.Unjudged {
  /// Why, in words: the end of a sentence.
  fileprivate var sentence: String {
    switch self {
    case .noRow: "no row covers them"
    case .noFile: "the code is in no file, and nobody told debuggers of it"
    case .begunBefore: "what called them ran at full speed, or before they were followed"
    case .leaving: "the stack was just being left or unwound"
    case .outermost: "the row says that there is no caller, and none is known"
    case .unreadable: "the file cannot be read, or is another build"
    }
  }
}
