package import CallFrameInfo

extension CodeSection {
  /// The executable sections that have bytes; of a file without section headers, the executable segments.
  package static func all(of elf: ELFFile, problems: inout [String]) -> [CodeSection] {
    var found: [CodeSection] = []
    let code = elf.sections.filter { $0.isAllocated && $0.isExecutable && $0.hasBytes && $0.range?.isEmpty == false }
    // Those of an object file are copied: bytes that are in several sections would be so as often.
    let shared = elf.isLaidOut ? code.sharingBytes() : []
    for section in code {
      guard let addresses = section.range else { continue }
      if shared.contains(section.index) {
        problems.append(
          "\(elf.source.name): \(section.name): section \(section.index) overlaps another in the file: not listed")
        continue
      }
      var code = CodeSection(name: section.name, addresses: addresses)
      if elf.isLaidOut {
        do throws(ELFError) {
          var faults: [ELFError] = []
          code.relocated = try elf.contents(of: section, problems: &faults)
          // What could not be applied is among these.
          code.unresolved = try elf.unresolvedFields(of: section)
        } catch {
          problems.append(error.description)
          continue
        }
      }
      found.append(code)
    }
    if elf.sections.isEmpty {
      for (index, segment) in elf.segments.enumerated() where segment.kind == .load && segment.isExecutable {
        guard let range = segment.virtualRange else { continue }
        let size = min(segment.fileSize, segment.memorySize)
        found.append(
          CodeSection(name: "segment \(index)", addresses: range.lowerBound..<range.lowerBound + size))
      }
    }
    found.sort { $0.addresses.lowerBound < $1.addresses.lowerBound }
    // Sections overlap in damaged files only; each address is listed once.
    var end: UInt64 = 0
    return found.compactMap { section in
      var section = section
      let start = max(section.addresses.lowerBound, end)
      guard start < section.addresses.upperBound else { return nil }
      end = section.addresses.upperBound
      if start > section.addresses.lowerBound { section.relocated = nil }
      section.addresses = start..<end
      return section
    }
  }
}

extension [Section] {
  /// Indexes of those whose bytes in the file begin inside another of them.
  fileprivate func sharingBytes() -> Set<Int> {
    var end: UInt64 = 0
    var result: Set<Int> = []
    for section in sorted(by: { ($0.fileOffset, $0.index) < ($1.fileOffset, $1.index) }) {
      if section.fileOffset < end { result.insert(section.index) }
      end = Swift.max(end, section.fileRange?.upperBound ?? .max)
    }
    return result
  }
}
