internal import CallFrameInfo

/// The addresses of FDEs: none twice, none outside code.
struct AddressLint {
  private let subject: LintSubject
  private let code: CodeRanges

  init(_ subject: LintSubject) {
    self.subject = subject
    code = CodeRanges(of: subject.elf)
  }

  func check(_ findings: LintFindings) {
    let table = subject.table
    // For each section the FDE that reaches furthest of those before.
    var furthest = [Int?](repeating: nil, count: table.sections.count)
    var discarded = [Int](repeating: 0, count: table.sections.count)
    for (index, fde) in table.fdes.enumerated() where !subject.isUnplaced[fde.sectionIndex] {
      let section = table.sections[fde.sectionIndex]
      func add(_ rule: Rule, _ text: @autoclosure () -> String) {
        findings.add(
          rule, section: section.name, offset: fde.offset, fde: index, address: fde.addresses.lowerBound, text())
      }
      if isDiscarded(fde, in: section) {
        discarded[fde.sectionIndex] += 1
        continue
      }
      if fde.addresses.isEmpty {
        add(.fdeEmpty, "it starts at \(hexadecimal(fde.addresses.lowerBound)) and covers 0 bytes")
        continue
      }
      if let last = furthest[fde.sectionIndex], table.fdes[last].addresses.overlaps(fde.addresses) {
        let other = table.fdes[last]
        let place = "the FDE at 0x\(String(other.offset, radix: 16))"
        if other.addresses == fde.addresses {
          add(.fdeDuplicate, "it covers \(hexadecimal(fde.addresses)), as does \(place)")
        } else {
          add(
            .fdeOverlap,
            "it covers \(hexadecimal(fde.addresses)), of which \(place) has \(hexadecimal(other.addresses))")
        }
      }
      if table.fdes[furthest[fde.sectionIndex] ?? index].addresses.upperBound <= fde.addresses.upperBound {
        furthest[fde.sectionIndex] = index
      }
      if let outside = code.firstOutside(fde.addresses) {
        add(
          .fdeOutsideCode,
          "it covers \(hexadecimal(fde.addresses)), of which \(hexadecimal(outside)) is in no executable "
            + (subject.elf.sections.isEmpty ? "segment" : "section"))
      }
    }
    for (index, count) in discarded.enumerated() where count > 0 {
      findings.add(
        .fdeDiscarded, section: table.sections[index].name,
        "\(count) \(count == 1 ? "FDE covers" : "FDEs cover") addresses from 0 or -1 on, as linkers mark what they drop"
      )
    }
  }

  /// Linkers drop functions and leave their debug information, its addresses made 0 or -1.
  private func isDiscarded(_ fde: FDE, in section: CallFrameSection) -> Bool {
    guard section.kind == .debugFrame, !subject.elf.isLaidOut else { return false }
    let start = fde.addresses.lowerBound
    return (start == 0 || start == .max) && code.firstOutside(fde.addresses) == fde.addresses.lowerBound
  }
}

/// The executable addresses of a file, joined where they touch.
struct CodeRanges {
  private var ranges: [Range<UInt64>] = []

  /// Those of its sections or, in a file stripped of section headers, of its segments. O(n log n).
  init(of elf: ELFFile) {
    let found =
      elf.sections.isEmpty
      ? elf.segments.filter { $0.kind == .load && $0.isExecutable }.compactMap(\.virtualRange)
      : elf.sections.filter(\.isExecutable).compactMap(\.range)
    for range in found.filter({ !$0.isEmpty }).sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = ranges.last, range.lowerBound <= last.upperBound {
        ranges[ranges.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        ranges.append(range)
      }
    }
  }

  /// Whether an address is code. O(log n).
  func contains(_ address: UInt64) -> Bool { index(at: address) != nil }

  /// The first address of `addresses` that is no code, nil if all are; of none, their start counts. O(log n).
  func firstOutside(_ addresses: Range<UInt64>) -> UInt64? {
    guard let index = index(at: addresses.lowerBound) else { return addresses.lowerBound }
    return ranges[index].upperBound < addresses.upperBound ? ranges[index].upperBound : nil
  }

  private func index(at address: UInt64) -> Int? {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound <= address { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].contains(address) ? low : nil
  }
}
