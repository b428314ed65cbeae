internal import CallFrameInfo

/// `.eh_frame_hdr`: whether it finds every FDE, and finds it where it is.
struct SearchTableLint {
  private let subject: LintSubject
  private let name = ".eh_frame_hdr"

  init(_ subject: LintSubject) { self.subject = subject }

  func check(_ findings: LintFindings) {
    let elf = subject.elf
    // An object file gets its search table from a linker.
    if elf.isLaidOut { return }
    let table: SearchTable
    do throws(CallFrameError) {
      guard let found = try SearchTable(of: elf) else {
        checkMissing(findings)
        return
      }
      table = found
    } catch {
      findings.add(.searchTableHeader, section: name, offset: error.offset, error.text)
      return
    }
    checkSegment(findings)
    guard let section = checkHeader(table, findings) else { return }
    checkEntries(table, of: section, findings)
  }

  private func checkMissing(_ findings: LintFindings) {
    // A separate debug file has a header without bytes.
    guard subject.elf.searchTableRange == nil,
      let section = subject.table.sections.first(where: { $0.kind == .ehFrame && !$0.bytes.isEmpty }),
      subject.table.fdes.contains(where: { subject.table.section(of: $0).kind == .ehFrame })
    else { return }
    findings.add(
      .searchTableMissing, section: section.name,
      "neither a section .eh_frame_hdr nor a segment PT_GNU_EH_FRAME")
  }

  private func checkSegment(_ findings: LintFindings) {
    let elf = subject.elf
    guard let section = elf.section(named: name)?.range, !elf.segments.isEmpty else { return }
    let segments = elf.segments.filter { $0.kind == .ehFrame }
    if segments.contains(where: { $0.virtualAddress == section.lowerBound }) { return }
    let what = segments.first.map { "PT_GNU_EH_FRAME is at \(hexadecimal($0.virtualAddress))" } ?? "no PT_GNU_EH_FRAME"
    findings.add(
      .searchTableSegment, section: name, offset: 0,
      "\(what), expected one at \(hexadecimal(section.lowerBound)), where the section is")
  }

  /// The section that the table is of, as an index; nil where it is of none.
  private func checkHeader(_ table: SearchTable, _ findings: LintFindings) -> Int? {
    guard let address = table.ehFrameAddress else {
      findings.add(.searchTableHeader, section: name, offset: 1, "it does not say where .eh_frame is")
      return nil
    }
    let sections = subject.table.sections
    guard let index = sections.firstIndex(where: { $0.kind == .ehFrame && $0.address == address }) else {
      let there = sections.first { $0.kind == .ehFrame }.map { ", which is at \(hexadecimal($0.address))" } ?? ""
      findings.add(
        .searchTableHeader, section: name, offset: 4, "it says that .eh_frame is at \(hexadecimal(address))\(there)")
      return nil
    }
    if table.declaredCount > UInt64(table.count) {
      findings.add(
        .searchTableSize, section: name, offset: 8,
        "it says that it has \(table.declaredCount) entries, of which \(table.count) fit in it")
    }
    return index
  }

  private func checkEntries(_ table: SearchTable, of section: Int, _ findings: LintFindings) {
    let frames = subject.table
    let address = frames.sections[section].address
    var byOffset: [Int: Int] = [:]
    for (index, fde) in frames.fdes.enumerated() where fde.sectionIndex == section { byOffset[fde.offset] = index }
    var starts: Set<UInt64> = []
    starts.reserveCapacity(table.count)
    var last: SearchTable.Entry?
    var descents = 0
    for (position, entry) in table.enumerated() {
      let offset = table.entriesOffset + position * table.entrySize
      if let last, entry.address < last.address {
        descents += 1
        if descents == 1 {
          findings.add(
            .searchTableOrder, section: name, offset: offset, address: entry.address,
            "entry \(position) is for \(hexadecimal(entry.address)), behind that for \(hexadecimal(last.address))")
        }
      }
      last = entry
      starts.insert(entry.address)
      let place = Int64(bitPattern: entry.fdeAddress &- address)
      guard let place = Int(exactly: place), let index = byOffset[place] else {
        findings.add(
          .searchTableEntry, section: name, offset: offset, address: entry.address,
          "entry \(position), for \(hexadecimal(entry.address)), leads to \(hexadecimal(entry.fdeAddress)), where no FDE is"
        )
        continue
      }
      let fde = frames.fdes[index]
      if fde.addresses.lowerBound == entry.address { continue }
      findings.add(
        .searchTableEntry, section: name, offset: offset, fde: index, address: entry.address,
        "entry \(position), for \(hexadecimal(entry.address)), leads to the FDE of \(hexadecimal(fde.addresses))")
    }
    if table.declaredCount > UInt64(table.count) { return }
    // FDEs that start together share an entry: linkers keep one.
    for (index, fde) in frames.fdes.enumerated() where fde.sectionIndex == section && !fde.addresses.isEmpty {
      let start = fde.addresses.lowerBound
      if starts.contains(start) { continue }
      findings.add(
        .searchTableIncomplete, section: frames.sections[section].name, offset: fde.offset, fde: index, address: start,
        "the search table has no entry for \(hexadecimal(start)), so that it is not found")
    }
  }
}
