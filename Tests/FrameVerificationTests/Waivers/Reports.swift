import FrameVerification

/// Stands for any rule whose findings are errors.
private let wrong = Rule("cfa-wrong", .flow, .error, "something is wrong")

/// A finding of an edge rule, or of another.
func finding(
  _ function: String?, rule: Rule? = nil, severity: Severity? = nil,
  verdict: ReportedFinding.Verdict = .refuted, pc: UInt64 = 0, section: String? = nil
) -> ReportedFinding {
  var finding = ReportedFinding(
    rule: rule ?? wrong, severity: severity ?? (rule ?? wrong).severity, verdict: verdict, explanation: "it is wrong")
  finding.function = function
  finding.rawFunction = function
  finding.pc = pc
  finding.section = section
  return finding
}

/// A report of files, each with its path and findings.
func report(_ files: KeyValuePairs<String, [ReportedFinding]>) -> Report {
  Report(files: files.map { ReportedFile(path: $0.key, findings: $0.value) }, assumptions: [])
}

extension Report {
  /// All findings in order.
  var findings: [ReportedFinding] { files.flatMap(\.findings) }
}
