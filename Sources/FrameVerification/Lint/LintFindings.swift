/// What lint has found so far. A damaged file can have a finding every few bytes, so their number has a bound.
final class LintFindings {
  /// How many findings of a rule are kept.
  static let mostFindings = 1000

  private var findings: [Finding] = []
  private var counts: [String: Int] = [:]

  func add(_ finding: @autoclosure () -> Finding, of rule: Rule) {
    let count = counts[rule.id, default: 0] + 1
    counts[rule.id] = count
    if count <= Self.mostFindings { findings.append(finding()) }
  }

  func add(
    _ rule: Rule, severity: Severity? = nil, section: String? = nil, offset: Int? = nil, fde: Int? = nil,
    address: UInt64? = nil, _ explanation: @autoclosure () -> String
  ) {
    add(
      Finding(
        rule, severity: severity, section: section, offset: offset, fde: fde, address: address,
        explanation: explanation()),
      of: rule)
  }

  /// All of them by section, in the order of `sections`, and offset, then a line for each rule with more than are kept.
  func sorted(by sections: [String]) -> [Finding] {
    let places = Dictionary(sections.enumerated().map { ($1, $0) }, uniquingKeysWith: min)
    func rank(_ finding: Finding) -> Int {
      guard let name = finding.section else { return .max }
      return places[name] ?? sections.count
    }
    // Those of one place in the order in which they were found.
    let keyed = findings.enumerated().map { (rank($1), $1.offset ?? .max, $1.address ?? .max, $0) }.sorted(by: <)
    return keyed.map { findings[$0.3] } + excess
  }

  private var excess: [Finding] {
    Rule.lint.compactMap { rule in
      guard let count = counts[rule.id], count > Self.mostFindings else { return nil }
      return Finding(rule, explanation: "\(count - Self.mostFindings) more of these, which are not listed")
    }
  }
}

/// "0x1234".
func hexadecimal(_ number: UInt64) -> String { "0x\(String(number, radix: 16))" }

/// "0x1234-0x1240".
func hexadecimal(_ range: Range<UInt64>) -> String {
  "\(hexadecimal(range.lowerBound))-\(hexadecimal(range.upperBound))"
}
