import CallFrameInfo
import FrameVerification

/// A linked program with call frame information, built byte by byte so that no assembler or linker repairs it. As it is initially,
/// with `describeAll()`, nothing is wrong with it.
struct FixtureImage {
  static let base: UInt64 = 0x400000
  static let text: UInt64 = 0x401000
  static let searchTable: UInt64 = 0x402000
  static let ehFrame: UInt64 = 0x402100
  static let exceptTable: UInt64 = 0x402c00

  /// What the code of every function is: push %rbp; mov %rsp, %rbp; pop %rbp; ret; and nops up to 16 bytes.
  static let code: [UInt8] = [0x55, 0x48, 0x89, 0xe5, 0x5d, 0xc3] + [UInt8](repeating: 0x90, count: 10)
  /// What describes it.
  static let frameProgram: [UInt8] = [0x41, 0x0e, 16, 0x86, 2, 0x43, 0x0d, 6, 0x41, 0x0c, 7, 8]

  /// The addresses of function 0, 1 and 2.
  static func function(_ number: UInt64) -> Range<UInt64> { text + 16 * number..<text + 16 * (number + 1) }

  /// How many functions there are.
  var functions: UInt64 = 2
  var frames = FrameBytes(address: Self.ehFrame)
  var debugFrames = FrameBytes(isDebugFrame: true, address: 0)
  /// An LSDA without call sites: no landing pad base, no types, call sites as ULEB128.
  var lsda: [UInt8] = [0xff, 0xff, 0x01, 0x00]
  /// An object file, without relocations.
  var isObject = false
  var hasTerminator = true
  var hasSearchTable = true
  var hasSearchTableSegment = true
  /// Of the search table: its version, where it says that `.eh_frame` is, how many entries it says it has, and those.
  var searchTableVersion: UInt8 = 1
  var namedEHFrame = Self.ehFrame
  var declaredCount: UInt32?
  var entries: [(address: UInt64, fde: UInt64)]?

  /// A CIE and an FDE for each function.
  mutating func describeAll() {
    frames.cie()
    for number in 0..<functions { frames.fde(Self.function(number)) }
  }

  /// The usual CIE, an FDE for function 0, and for function 1 one with this program.
  mutating func describe(_ program: [UInt8]) {
    frames.cie()
    frames.fde(Self.function(0))
    frames.fde(Self.function(1), program)
  }

  private var searchTableBytes: [UInt8] {
    let table = Self.searchTable
    let entries =
      entries ?? frames.fdes.sorted { $0.start < $1.start }.map { ($0.start, Self.ehFrame + UInt64($0.offset)) }
    var bytes: [UInt8] = [searchTableVersion, 0x1b, 0x03, 0x3b]
    bytes += Encoded.little(UInt32(truncatingIfNeeded: namedEHFrame &- (table + 4)))
    bytes += Encoded.little(declaredCount ?? UInt32(entries.count))
    for entry in entries {
      bytes += Encoded.little(UInt32(truncatingIfNeeded: entry.address &- table))
      bytes += Encoded.little(UInt32(truncatingIfNeeded: entry.fde &- table))
    }
    return bytes
  }

  private struct Part {
    var name: String
    var kind: UInt32 = 1
    var flags: UInt64 = 0
    var address: UInt64 = 0
    var bytes: [UInt8]
    var link: UInt32 = 0
    var info: UInt32 = 0
    var alignment: UInt64 = 1
    var entrySize: UInt64 = 0
  }

  /// The file.
  var bytes: [UInt8] {
    var parts = [
      Part(
        name: ".text", flags: 6, address: Self.text, bytes: (0..<functions).flatMap { _ in Self.code }, alignment: 16)
    ]
    if hasSearchTable {
      parts.append(
        Part(name: ".eh_frame_hdr", flags: 2, address: Self.searchTable, bytes: searchTableBytes, alignment: 4))
    }
    parts.append(
      Part(
        name: ".eh_frame", flags: 2, address: Self.ehFrame,
        bytes: frames.bytes + (hasTerminator ? [0, 0, 0, 0] : []), alignment: 8))
    parts.append(
      Part(
        name: ".gcc_except_table", flags: 2, address: Self.exceptTable, bytes: lsda, alignment: 4))
    if !debugFrames.bytes.isEmpty { parts.append(Part(name: ".debug_frame", bytes: debugFrames.bytes, alignment: 8)) }
    let names = (0..<functions).map { "function\($0)" }
    var symbols = [UInt8](repeating: 0, count: 24)
    var strings: [UInt8] = [0]
    for (number, name) in names.enumerated() {
      symbols += Encoded.little(UInt32(strings.count)) + [0x12, 0] + Encoded.little(1 as UInt16)
      symbols += Encoded.little(16 * UInt64(number) + (isObject ? 0 : Self.text)) + Encoded.little(16 as UInt64)
      strings += Array(name.utf8) + [0]
    }
    let symbolTable = UInt32(parts.count + 1)
    parts.append(
      Part(name: ".symtab", kind: 2, bytes: symbols, link: symbolTable + 1, info: 1, alignment: 8, entrySize: 24))
    parts.append(Part(name: ".strtab", kind: 3, bytes: strings))
    return Self.file(
      parts, isObject: isObject, hasSearchTableSegment: hasSearchTable && hasSearchTableSegment)
  }

  /// Loaded sections at the offsets that their addresses have behind the base, the others and the headers after them.
  private static func file(_ parts: [Part], isObject: Bool, hasSearchTableSegment: Bool) -> [UInt8] {
    var parts = parts
    var names: [UInt8] = [0]
    let nameOffsets = (parts.map(\.name) + [".shstrtab"]).map { name in
      defer { names += Array(name.utf8) + [0] }
      return UInt32(names.count)
    }
    parts.append(Part(name: ".shstrtab", kind: 3, bytes: names))
    var file = [UInt8](repeating: 0, count: 64 + 2 * 56)
    var headers = [UInt8](repeating: 0, count: 64)
    var loadedEnd = 0
    for (index, part) in parts.enumerated() {
      let start = part.address > 0 ? Int(part.address - base) : (file.count + 7) & ~7
      file += [UInt8](repeating: 0, count: start - file.count) + part.bytes
      if part.address > 0 { loadedEnd = file.count }
      headers += Encoded.little(nameOffsets[index]) + Encoded.little(part.kind) + Encoded.little(part.flags)
      headers += Encoded.little(part.address) + Encoded.little(UInt64(start)) + Encoded.little(UInt64(part.bytes.count))
      headers += Encoded.little(part.link) + Encoded.little(part.info) + Encoded.little(part.alignment)
      headers += Encoded.little(part.entrySize)
    }
    file += [UInt8](repeating: 0, count: (8 - file.count % 8) % 8)
    let headersOffset = file.count
    file += headers
    func segment(_ kind: UInt32, _ flags: UInt32, _ address: UInt64, _ size: Int, _ alignment: UInt64) -> [UInt8] {
      let place = [address - base, address, address, UInt64(size), UInt64(size), alignment]
      return Encoded.little(kind) + Encoded.little(flags) + place.flatMap { Encoded.little($0) }
    }
    var segments = segment(1, 5, base, loadedEnd, 0x1000)
    if hasSearchTableSegment, let part = parts.first(where: { $0.name == ".eh_frame_hdr" }) {
      segments += segment(0x6474_e550, 4, part.address, part.bytes.count, 4)
    }
    if isObject { segments = [] }
    var header: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
    header += Encoded.little(isObject ? 1 : 2 as UInt16) + Encoded.little(62 as UInt16) + Encoded.little(1 as UInt32)
    header +=
      [isObject ? 0 : text, isObject ? 0 : 64, UInt64(headersOffset)].flatMap { Encoded.little($0) }
      + Encoded.little(0 as UInt32)
    let counts = [64, isObject ? 0 : 56, segments.count / 56, 64, parts.count + 1, parts.count]
    header += counts.flatMap { Encoded.little(UInt16($0)) }
    file.replaceSubrange(0..<header.count, with: header)
    file.replaceSubrange(64..<64 + segments.count, with: segments)
    return file
  }
}
