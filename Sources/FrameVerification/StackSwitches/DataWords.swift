internal import CallFrameInfo

/// Words of a file's data as a program finds them at its start.
struct DataWords {
  private let elf: ELFFile
  /// By address: of files that a dynamic linker moves.
  private let addends: [UInt64: Int64]
  /// Of sections of relocatable files, by index.
  private var contents: [Int: [UInt8]] = [:]

  /// O(relocations).
  init(_ elf: ELFFile) {
    self.elf = elf
    // What cannot be read is not known, and nothing is proved by it.
    addends = (try? elf.relativeWords()) ?? [:]
  }

  /// The 8 bytes at `address`, nil where the file does not say.
  mutating func word(at address: UInt64) -> UInt64? {
    if let addend = addends[address] { return UInt64(bitPattern: addend) }
    guard elf.isLaidOut else { return Self.number(elf.bytes(atAddress: address, count: 8)[...]) }
    guard
      let section = elf.sections.first(where: {
        !$0.isExecutable && $0.isAllocated && $0.hasBytes && $0.range?.contains(address) == true
      }), let range = section.range
    else { return nil }
    if contents[section.index] == nil {
      var problems: [ELFError] = []
      let bytes = (try? elf.contents(of: section, problems: &problems)) ?? []
      contents[section.index] = problems.isEmpty ? bytes : []
    }
    let offset = Int(clamping: address - range.lowerBound)
    guard let bytes = contents[section.index], offset < bytes.count else { return nil }
    return Self.number(bytes[offset...].prefix(8))
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64? {
    bytes.count == 8 ? bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } : nil
  }
}
