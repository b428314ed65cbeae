internal import CallFrameInfo

/// The records of one section: lengths, CIE pointers, the fields of CIEs, the zero length at the end.
struct RecordLint {
  private let section: CallFrameSection
  /// The zero length at the end is there to be checked: not in object files, which get theirs from a linker, nor where the end is known
  /// by it alone.
  private let needsTerminator: Bool
  /// Unwinders find FDEs by `.eh_frame_hdr`, and do not come to the end.
  private let hasSearchTable: Bool

  init(_ subject: LintSubject, section index: Int) {
    section = subject.table.sections[index]
    needsTerminator =
      section.kind == .ehFrame && !subject.elf.isLaidOut && !subject.elf.sections.isEmpty
    hasSearchTable = subject.elf.searchTableRange != nil
  }

  func check(_ findings: LintFindings) {
    var records = CallFrameRecords(section)
    var terminator: Int?
    var afterTerminator = 0
    // Whether all records were found.
    var isComplete = true
    // Those that are reported themselves: FDEs that point to them are not at fault.
    var unreadable: Set<Int> = []
    var orphans: [CallFrameError] = []
    while let record = records.next() {
      if terminator != nil, records.recordOffset != terminator {
        if case .terminator = record {} else { afterTerminator += 1 }
      }
      switch record {
      case .terminator(let offset): terminator = terminator ?? offset
      case .cie(let cie): check(cie, findings)
      case .fde: break
      case .defect(let error) where error.code == .badCIE: orphans.append(error)
      case .defect(let error):
        unreadable.insert(records.recordOffset)
        if error.code == .length { isComplete = false }
        let rule = Self.rule(of: error)
        findings.add(rule, section: section.name, offset: error.offset, error.text)
      }
    }
    for error in orphans {
      if let cie = section.cieOffset(ofFDEAt: error.offset), unreadable.contains(cie) { continue }
      findings.add(.ciePointer, section: section.name, offset: error.offset, error.text)
    }
    guard section.kind == .ehFrame else { return }
    if let terminator, afterTerminator > 0 {
      findings.add(
        .terminatorEarly, section: section.name, offset: terminator,
        "a zero length with \(afterTerminator) \(afterTerminator == 1 ? "record" : "records") behind it, expected at the end"
      )
    } else if terminator == nil, needsTerminator, isComplete {
      findings.add(
        .terminatorMissing, severity: hasSearchTable ? .note : .warning, section: section.name,
        offset: section.bytes.count,
        "the section ends without a zero length")
    }
  }

  /// The rule that a record breaks that cannot be read.
  private static func rule(of error: CallFrameError) -> Rule {
    switch error.code {
    case .length: .recordLength
    case .version: .cieVersion
    case .augmentation: .cieAugmentation
    case .encoding, .noBase: .pointerEncoding
    case .addressSize: .cieAddressSize
    default: .recordField
    }
  }

  /// What can be read of a CIE and is wrong nevertheless.
  private func check(_ cie: CIE, _ findings: LintFindings) {
    func add(_ rule: Rule, severity: Severity? = nil, _ text: @autoclosure () -> String) {
      findings.add(rule, severity: severity, section: section.name, offset: cie.offset, text())
    }
    if cie.addressSize != 8 || cie.segmentSelectorSize != 0 {
      add(
        .cieAddressSize,
        "addresses of \(cie.addressSize) and segment selectors of \(cie.segmentSelectorSize) bytes, expected 8 and 0")
    }
    if cie.codeAlignment == 0 { add(.cieAlignment, "code alignment 0: no advance goes anywhere") }
    if cie.dataAlignment == 0 { add(.cieAlignment, "data alignment 0: all registers are saved in one place") }
    if cie.returnAddressRegister != 16 {
      // Another general register can hold it (`.cfi_return_column`); what is none of them no unwinder follows.
      add(
        .returnColumn, severity: cie.returnAddressRegister > 16 ? .error : .warning,
        "the return address is \(RegisterNames.name(cie.returnAddressRegister)), column \(cie.returnAddressRegister), "
          + "expected 16")
    }
    let augmentation = cie.augmentation.hasPrefix("eh") ? cie.augmentation.dropFirst(2) : cie.augmentation[...]
    if let letter = augmentation.unicodeScalars.first(where: { !"zRLPS".unicodeScalars.contains($0) }) {
      add(
        .cieAugmentationUnknown,
        "augmentation letter \(Self.printable(letter)), expected none but z, R, L, P and S")
    }
    if cie.hasAugmentationData, cie.pointerEncoding.isIndirect || cie.pointerEncoding == .omit {
      add(
        .pointerEncoding,
        "addresses are encoded as 0x\(String(cie.pointerEncoding.rawValue, radix: 16)): they are not in the file")
    }
  }

  /// The letter in quotes, or its number: a file may have been made to garble terminals.
  private static func printable(_ letter: Unicode.Scalar) -> String {
    (0x21..<0x7f).contains(letter.value) ? "\"\(letter)\"" : "0x\(String(letter.value, radix: 16))"
  }
}
