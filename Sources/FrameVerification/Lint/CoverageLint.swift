internal import CallFrameInfo

/// Functions that no FDE covers, or not to their end.
struct CoverageLint {
  private let subject: LintSubject

  init(_ subject: LintSubject) { self.subject = subject }

  func check(_ findings: LintFindings) {
    let table = subject.table
    // What covers what is not known.
    if subject.isUnplaced.contains(true) { return }
    let severity: Severity = subject.requiresCoverage ? .error : .note
    // What FDEs cover, joined: FDEs are sorted.
    var covered: [Range<UInt64>] = []
    for fde in table.fdes where !fde.addresses.isEmpty {
      if let last = covered.last, fde.addresses.lowerBound <= last.upperBound {
        covered[covered.count - 1] = last.lowerBound..<max(last.upperBound, fde.addresses.upperBound)
      } else {
        covered.append(fde.addresses)
      }
    }
    let functions = subject.functions.filter { !$0.addresses.isEmpty }.sorted {
      ($0.addresses.lowerBound, $0.addresses.upperBound) < ($1.addresses.lowerBound, $1.addresses.upperBound)
    }
    var place = 0
    var done: UInt64 = 0
    for function in functions {
      // What another name has been looked at for is not looked at again.
      let start = max(function.addresses.lowerBound, done)
      guard start < function.addresses.upperBound else { continue }
      done = function.addresses.upperBound
      while place < covered.count, covered[place].upperBound <= start { place += 1 }
      let isCovered = place < covered.count && covered[place].contains(start)
      let first = isCovered ? covered[place].upperBound : start
      // The rest of a label's stretch may be padding or belong to nobody.
      guard first < function.addresses.upperBound, function.isTyped || !isCovered else { continue }
      let next = isCovered ? place + 1 : place
      let limit = next < covered.count ? covered[next].lowerBound : .max
      let hole = first..<max(min(function.addresses.upperBound, limit), first)
      let size = hole.upperBound - hole.lowerBound
      findings.add(
        .codeWithoutFDE, severity: severity, address: first,
        isCovered
          ? "no FDE covers the last \(size) bytes of a function, from \(hexadecimal(first)) on"
          : "no FDE covers \(hexadecimal(hole)), \(size) bytes")
    }
  }
}
