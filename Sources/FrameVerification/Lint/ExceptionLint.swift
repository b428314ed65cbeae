internal import CallFrameInfo

/// Personality routines and LSDAs: whether pointers lead to something.
struct ExceptionLint {
  private let subject: LintSubject

  init(_ subject: LintSubject) { self.subject = subject }

  func check(_ findings: LintFindings) {
    let table = subject.table
    let code = CodeRanges(of: subject.elf)
    let loaded = LoadedRanges(of: subject.elf)
    // In an object file most are references to symbols that are defined elsewhere, or not relocated yet.
    if !subject.elf.isLaidOut { checkPersonalities(code, loaded, findings) }
    for (index, fde) in table.fdes.enumerated() where !subject.isUnplaced[fde.sectionIndex] {
      let cie = table.cies[fde.cieIndex]
      guard let encoding = cie.lsdaEncoding else { continue }
      func add(_ rule: Rule, _ text: @autoclosure () -> String) {
        findings.add(
          rule, section: table.sections[fde.sectionIndex].name, offset: fde.offset, fde: index,
          address: fde.addresses.lowerBound, text())
      }
      if fde.unreadAugmentation > 0, cie.augmentation.unicodeScalars.allSatisfy("zRLPS".unicodeScalars.contains) {
        add(
          .lsdaSize,
          "\(fde.unreadAugmentation) bytes of its augmentation data lie behind the pointer to its LSDA, "
            + "whose encoding is 0x\(String(encoding.rawValue, radix: 16))")
      }
      guard let lsda = fde.lsda else {
        if cie.personality != nil { add(.lsdaMissing, "the pointer to its LSDA is 0") }
        continue
      }
      if !loaded.contains(lsda.value) {
        add(.lsdaOutside, "its LSDA is at \(hexadecimal(lsda.value)), where the file loads nothing")
      } else if fde.cieIndex < subject.hasCallSites.count, subject.hasCallSites[fde.cieIndex],
        subject.elf.byteCount(fromAddress: lsda.value) > 0, let fault = callSiteFault(of: fde, cie, code)
      {
        add(.lsdaCallSites, "its LSDA at \(hexadecimal(lsda.value)): \(fault)")
      }
      if cie.personality == nil {
        add(.lsdaWithoutPersonality, "it has an LSDA at \(hexadecimal(lsda.value)), and its CIE no personality routine")
      }
    }
  }

  /// What is wrong with the call sites of an FDE's LSDA, nil if nothing is. Linear in them.
  private func callSiteFault(of fde: FDE, _ cie: CIE, _ code: CodeRanges) -> String? {
    do throws(CallFrameError) {
      guard let table = try CallSites(of: fde, cie: cie, in: subject.elf) else { return nil }
      for site in table.sites {
        guard let pad = site.landingPad, !code.contains(pad) else { continue }
        return "the landing pad of \(hexadecimal(site.addresses)) is \(hexadecimal(pad)), which is no code of the file"
      }
      return nil
    } catch {
      return error.text
    }
  }

  private func checkPersonalities(_ code: CodeRanges, _ loaded: LoadedRanges, _ findings: LintFindings) {
    let table = subject.table
    var checked: Set<Int> = []
    for fde in table.fdes where checked.insert(fde.cieIndex).inserted {
      let cie = table.cies[fde.cieIndex]
      guard let personality = cie.personality else { continue }
      let section = table.sections[fde.sectionIndex].name
      if personality.isIndirect {
        if loaded.contains(personality.value) { continue }
        findings.add(
          .personalityOutside, section: section, offset: cie.offset,
          "the pointer to the personality routine is at \(hexadecimal(personality.value)), where the file loads nothing"
        )
      } else if !code.contains(personality.value) {
        findings.add(
          .personalityOutside, section: section, offset: cie.offset,
          "the personality routine is at \(hexadecimal(personality.value)), which is no code of the file")
      }
    }
  }
}

/// The addresses that a file has when it is loaded.
struct LoadedRanges {
  private let ranges: [Range<UInt64>]

  /// Those of its segments or, in an object file, of its sections.
  init(of elf: ELFFile) {
    let found =
      elf.segments.isEmpty
      ? elf.sections.compactMap(\.range) : elf.segments.filter { $0.kind == .load }.compactMap(\.virtualRange)
    ranges = found.filter { !$0.isEmpty }.sorted { $0.lowerBound < $1.lowerBound }
  }

  /// O(log n) for segments that do not overlap, as the dynamic linker wants them.
  func contains(_ address: UInt64) -> Bool {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].lowerBound <= address { low = middle + 1 } else { high = middle }
    }
    return low > 0 && ranges[low - 1].contains(address)
  }
}
