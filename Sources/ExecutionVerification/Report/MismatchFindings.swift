internal import CallFrameInfo
internal import FiberInspection
internal import FrameVerification

/// Makes findings of what was wrong in one file: one for each function, rule and register, at the first instruction.
struct MismatchFindings {
  private struct Key: Hashable {
    /// Where the FDE begins; the instruction itself without one.
    var function: UInt64
    var rule: Rule
    var register: UInt8?
  }

  private let mismatches: [Mismatch]
  private let file: ListedFile?
  private let name: (Mismatch.Place) -> String?

  /// - Parameters:
  ///   - file: nil if it cannot be read.
  ///   - name: names a place in code.
  init(_ mismatches: [Mismatch], _ file: ListedFile?, _ name: @escaping (Mismatch.Place) -> String?) {
    self.mismatches = mismatches
    self.file = file
    self.name = name
  }

  /// By address and rule.
  var findings: [Finding] {
    var groups: [Key: [Mismatch]] = [:]
    for mismatch in mismatches {
      let words = MismatchWords(mismatch: mismatch, row: nil, name: name)
      let function = file?.table.fde(at: mismatch.address)?.addresses.lowerBound ?? mismatch.address
      groups[Key(function: function, rule: words.rule, register: words.register), default: []].append(mismatch)
    }
    return groups.values.map(finding).sorted { ($0.address ?? 0, $0.rule.id) < ($1.address ?? 0, $1.rule.id) }
  }

  private func finding(_ group: [Mismatch]) -> Finding {
    // Never empty.
    let first = group.min { $0.address < $1.address } ?? group[0]
    // A row that cannot be read is a finding of its own.
    let row = (try? file?.table.row(at: first.address)) ?? nil
    let words = MismatchWords(mismatch: first, row: row, name: name)
    let places = Set(group.map(\.address)).count
    let times = group.reduce(0) { $0 + $1.count }
    let explanation = "\(words.sentence) (\(seen(times, at: places)))"
    return Finding(
      words.rule, fde: file?.table.index(at: first.address), address: first.address, explanation: explanation,
      evidence: Evidence(
        .execution, from: first.address, to: first.address, claim: words.claim, reality: words.reality,
        consequence: words.consequence, remedy: words.directive.map { Remedy($0, after: nil) }))
  }
}

/// "seen once", "seen 24 times, at 8 instructions of the function".
func seen(_ times: Int, at places: Int) -> String {
  let text = times == 1 ? "seen once" : "seen \(times) times"
  return places > 1 ? "\(text), at \(places) instructions of the function" : text
}
