internal import CallFrameInfo
internal import Foundation
internal import Instructions

/// The file whose functions are recorded: its code, and where functions and landing pads lie.
struct RecordedFile {
  private struct Code {
    let addresses: Range<UInt64>
    let bytes: [UInt8]
  }

  let path: String
  /// Code under one FDE each, sorted, none overlapping another.
  let functions: [Range<UInt64>]
  /// Where exceptions continue in them.
  let landingPads: [UInt64]
  /// The lowest address that is loaded, rounded down to a page.
  let firstPage: UInt64
  let entry: UInt64
  private let code: [Code]
  private let disassembler = Disassembler()

  /// - Parameter isRecorded: whether the function under an FDE of these addresses is to be recorded.
  init(_ path: String, _ isRecorded: (Range<UInt64>) -> Bool) throws {
    self.path = path
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    let elf = try ELFFile(reading: ByteArray([UInt8](bytes), name: path))
    var problems: [ELFError] = []
    let table = CallFrameTable(of: elf, problems: &problems)
    if let problem = problems.first { throw problem }
    let stubs = elf.sections.filter { $0.name.hasPrefix(".plt") }.compactMap(\.range)
    var functions: [Range<UInt64>] = []
    var pads: [UInt64] = []
    for fde in table.fdes.sorted(by: { $0.addresses.lowerBound < $1.addresses.lowerBound }) {
      // Nobody calls the program's entry point, and the start of .plt, of which the FDE is one for all, is jumped to.
      guard !fde.addresses.isEmpty, fde.addresses.lowerBound != elf.header.entry,
        !stubs.contains(where: { $0.contains(fde.addresses.lowerBound) }), isRecorded(fde.addresses)
      else { continue }
      if let last = functions.last, last.upperBound > fde.addresses.lowerBound { continue }
      functions.append(fde.addresses)
      pads += try CallSites(of: fde, cie: table.cie(of: fde), in: elf)?.sites.compactMap(\.landingPad) ?? []
    }
    self.functions = functions
    landingPads = pads
    code = try elf.sections.filter { $0.isExecutable && $0.address != 0 }.map {
      Code(addresses: $0.address..<$0.address + $0.size, bytes: try elf.contents(of: $0))
    }
    guard let low = elf.segments.filter({ $0.kind == .load }).map(\.virtualAddress).min() else {
      throw RecordingError(program: path, reason: "it has no segment to load")
    }
    firstPage = low & ~0xfff
    entry = elf.header.entry
  }

  /// The function that holds an address, an index in `functions`.
  func function(at address: UInt64) -> Int? {
    var low = 0
    var high = functions.count
    while low < high {
      let middle = (low + high) / 2
      if functions[middle].upperBound <= address { low = middle + 1 } else { high = middle }
    }
    return low < functions.count && functions[low].contains(address) ? low : nil
  }

  /// The instruction at an address, nil outside of code.
  func instruction(at address: UInt64) -> Instruction? {
    guard let part = code.first(where: { $0.addresses.contains(address) }) else { return nil }
    return disassembler.instruction(part.bytes, at: Int(address - part.addresses.lowerBound), address: address)
  }
}
