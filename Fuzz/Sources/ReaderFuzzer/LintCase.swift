internal import CallFrameInfo
internal import FrameVerification

/// A program without sections and segments, for frames that come without a file.
private let bare: ELFFile? = {
  var header: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 57)
  header[16] = 2  // ET_EXEC
  header[18] = 62  // EM_X86_64
  header[20] = 1
  header[52] = 64
  return try? ELFFile(reading: ByteArray(header, name: "bare"))
}()

/// Lints the frames of a file, or of none.
func lint(_ table: CallFrameTable, of file: ELFFile? = nil) {
  guard let file = file ?? bare else {
    require(false, "a bare program can be read")
    return
  }
  var functions: [LintSubject.Function] = []
  if let symbols = try? file.symbols() {
    for symbol in symbols where symbol.isFunction {
      let (end, overflow) = symbol.value.addingReportingOverflow(symbol.size)
      if !overflow { functions.append(LintSubject.Function(symbol.value..<end, isTyped: symbol.size % 2 == 0)) }
    }
  }
  let findings = Lint.findings(
    in: LintSubject(
      elf: file, table: table, functions: functions, hasCallSites: table.cies.map { $0.personality != nil }))
  allow(findings: findings.count)
  for finding in findings {
    require(!finding.explanation.isEmpty, "a finding says what is wrong")
    require(finding.fde.map(table.fdes.indices.contains) ?? true, "a finding's FDE is one of the table")
    require(finding.severity <= .error && finding.evidence == nil, "lint has no evidence")
  }
}
