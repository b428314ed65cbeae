internal import CFiberTraceStepping
internal import ExecutionVerification
internal import Glibc

/// A report with its texts as C reads them. C has a retained reference to it.
@safe final class CReport {
  let report: StepCheck.Report
  /// Why nothing was stepped, an `errno` value; 0 if something was.
  let error: Int32
  /// The whole text.
  let text: UnsafePointer<CChar>
  private let findings: UnsafeMutableBufferPointer<ft_step_finding>
  private let strings: [UnsafeMutablePointer<CChar>]

  init(_ report: StepCheck.Report, error: Int32) {
    self.report = report
    self.error = error
    var strings: [UnsafeMutablePointer<CChar>] = unsafe []
    func copy(_ text: String) -> UnsafePointer<CChar> {
      guard let string = unsafe strdup(text) else { fatalError("there is no memory for the text of a report") }
      unsafe strings.append(string)
      return unsafe UnsafePointer(string)
    }
    unsafe text = copy(report.description)
    unsafe findings = .allocate(capacity: report.findings.count)
    for (index, finding) in report.findings.enumerated() {
      unsafe findings.initializeElement(
        at: index,
        to: ft_step_finding(
          rule: copy(finding.rule.rawValue), function: copy(finding.function), offset: finding.offset,
          instruction: copy(finding.instruction), places: UInt64(finding.places), claim: copy(finding.claim),
          reality: copy(finding.reality), module: copy(finding.module), address: finding.address,
          source: finding.source.map { unsafe copy($0) }, text: copy(finding.description)))
    }
    unsafe self.strings = strings
  }

  deinit {
    unsafe strings.forEach { unsafe free($0) }
    unsafe findings.deallocate()
  }

  /// The finding at an index, nil behind the last.
  func finding(_ index: UInt64) -> UnsafePointer<ft_step_finding>? {
    guard let start = unsafe findings.baseAddress, unsafe index < UInt64(findings.count) else { return nil }
    return unsafe UnsafePointer(start + Int(index))
  }

  /// What C holds.
  var reference: OpaquePointer { unsafe OpaquePointer(Unmanaged.passRetained(self).toOpaque()) }

  /// What C holds, read.
  static func of(_ reference: OpaquePointer) -> CReport {
    unsafe Unmanaged.fromOpaque(UnsafeRawPointer(reference)).takeUnretainedValue()
  }

  /// Takes back what C held.
  static func release(_ reference: OpaquePointer) {
    unsafe Unmanaged<CReport>.fromOpaque(UnsafeRawPointer(reference)).release()
  }
}
