/// Findings that are known: what a file had of them when the baseline was written is no news, what it has more is.
///
/// Findings are told apart by what a new build does not change: the file's name, the function's raw name and the rule, never by
/// addresses. Of several that are the same so, the baseline has the number.
package struct Baseline: Sendable, Hashable {
  /// What makes findings the same.
  package struct Key: Sendable, Hashable, Comparable {
    /// The last part of the file's path.
    package var file: String
    /// Raw name, nil for what is in no function that has one.
    package var function: String?
    /// Name of the section at fault of what is in no function.
    package var section: String?
    /// The rule's id.
    package var rule: String

    package init(file: String, function: String?, section: String? = nil, rule: String) {
      self.file = file
      self.function = function
      self.section = section
      self.rule = rule
    }

    package static func < (first: Key, second: Key) -> Bool {
      (first.file, first.function ?? "", first.section ?? "", first.rule)
        < (second.file, second.function ?? "", second.section ?? "", second.rule)
    }
  }

  /// How many findings of each kind are known; never 0.
  package private(set) var counts: [Key: Int]

  /// No more findings of a kind are counted: sums stay far from what a word holds.
  package static let greatestCount = 1 << 31

  package init(_ counts: [Key: Int]) { self.counts = counts.filter { $0.value > 0 } }

  /// What of a report would be a baseline: all findings but notes and those that are suppressed; of notes, what is undecided.
  package init(of report: Report) {
    counts = [:]
    for file in report.files {
      for finding in file.findings where finding.isForBaselines { counts[Key(finding, in: file), default: 0] += 1 }
    }
  }

  /// Marks the findings that are known: of each kind as many as the baseline has, the first ones. O(findings).
  ///
  /// - Returns: how many findings of the baseline the report's files do not have any more.
  package func waive(_ report: inout Report) -> Int {
    var rest = counts
    for file in report.files.indices {
      for place in report.files[file].findings.indices {
        let finding = report.files[file].findings[place]
        guard finding.isForBaselines else { continue }
        let key = Key(finding, in: report.files[file])
        guard let count = rest[key], count > 0 else { continue }
        rest[key] = count - 1
        report.files[file].findings[place].waiver = .baseline
      }
    }
    // Of files that could not be read nothing is known.
    let names = Set(report.files.lazy.filter { $0.failure == nil }.map { Key.name(of: $0) })
    return rest.lazy.filter { names.contains($0.key.file) }.reduce(0) { $0 + min($1.value, Self.greatestCount) }
  }
}

extension Baseline.Key {
  init(_ finding: ReportedFinding, in file: ReportedFile) {
    let function = finding.rawFunction.map(Self.withoutHash)
    self.init(
      file: Self.name(of: file), function: function, section: function == nil ? finding.section : nil,
      rule: finding.rule.id)
  }

  static func name(of file: ReportedFile) -> String {
    file.path.split(separator: "/").last.map(String.init) ?? file.path
  }

  /// LLVM puts a hash of the module behind the names of local functions that it makes global (".llvm.8412…").
  private static func withoutHash(_ name: String) -> String {
    guard let mark = name.ranges(of: ".llvm.").last, !name[mark.upperBound...].isEmpty,
      name[mark.upperBound...].allSatisfy({ $0.isASCII && $0.isNumber })
    else { return name }
    return String(name[..<mark.lowerBound])
  }
}

extension ReportedFinding {
  fileprivate var isForBaselines: Bool {
    if case .suppressed = waiver { return false }
    return severity > .note || verdict == .unknown
  }
}
