package import CallFrameInfo

/// Addresses of data that code takes relative to rip: where tables, constants and variables begin.
///
/// Found in the bytes of all code, whether or not instructions begin there (`lea r64, [rip + x]` is seven bytes, of which three say
/// so): a few may be none. Two things in memory never overlap, so each of them ends where the next one begins.
package struct DataReferences: Sendable {
  /// How many bytes are read at a time.
  private static let piece = 1 << 20
  /// REX.W 8D /r disp32.
  private static let length = 7

  /// Ascending, without repetitions.
  private let addresses: [UInt64]

  private init(_ addresses: [UInt64]) { self.addresses = addresses }

  /// All of a linked file with section headers. O(n log n) in the size of its code.
  package init(of elf: ELFFile) {
    guard !elf.isLaidOut else {
      self.init([])
      return
    }
    let data = elf.sections.filter { $0.isAllocated && $0.hasBytes && !$0.isExecutable }.compactMap(\.range)
      .sorted { $0.lowerBound < $1.lowerBound }
    guard let first = data.first, let last = data.map(\.upperBound).max() else {
      self.init([])
      return
    }
    var found: [UInt64] = []
    // No byte of the file twice.
    var end: UInt64 = 0
    let code = elf.sections.filter { $0.isExecutable && $0.fileRange != nil }
    for section in code.sorted(by: { $0.fileOffset < $1.fileOffset }) where section.fileOffset >= end {
      guard let range = section.range, let fileRange = section.fileRange else { continue }
      end = fileRange.upperBound
      var start = range.lowerBound
      while start < range.upperBound {
        let bytes = elf.bytes(
          atAddress: start, count: min(Self.piece, Int(clamping: range.upperBound - start)))
        guard bytes.count >= Self.length else { break }
        Self.scan(bytes, at: start, in: first.lowerBound..<last, &found)
        // The next piece begins where an instruction that is cut off here may begin.
        start += UInt64(bytes.count - Self.length + 1)
      }
    }
    found.sort()
    var kept: [UInt64] = []
    for address in found where address != kept.last {
      let index = data.firstIndexAbove(address) { $0.lowerBound } - 1
      if index >= 0, data[index].contains(address) { kept.append(address) }
    }
    self.init(kept)
  }

  private static func scan(_ bytes: [UInt8], at start: UInt64, in range: Range<UInt64>, _ found: inout [UInt64]) {
    let bytes = bytes.span
    var index = 1
    while index + length - 1 <= bytes.count {
      // 8D with REX.W before and a rip-relative operand behind.
      if bytes[index] == 0x8d, bytes[index - 1] & 0xfb == 0x48, bytes[index + 1] & 0xc7 == 0x05 {
        var distance: UInt32 = 0
        for byte in 0..<4 { distance |= UInt32(bytes[index + 2 + byte]) << UInt32(8 * byte) }
        let end = start &+ UInt64(index + length - 1)
        let address = end &+ UInt64(bitPattern: Int64(Int32(bitPattern: distance)))
        if range.contains(address) { found.append(address) }
      }
      index += 1
    }
  }

  /// There is none: the file has no section headers, or no such code.
  package var isEmpty: Bool { addresses.isEmpty }

  /// The first of them above `address`, nil for none. O(log n).
  package func first(above address: UInt64) -> UInt64? {
    let index = addresses.firstIndexAbove(address) { $0 }
    return index < addresses.count ? addresses[index] : nil
  }
}
