internal import CallFrameInfo
internal import FrameVerification

/// Where the parts of a case lie: seeds are linked for these addresses (see Fuzz/seed).
private let codeAddress: UInt64 = 0x1000
private let dataAddress: UInt64 = 0x8000
private let frameAddress: UInt64 = 0x9000

/// Checks code against rows. The bytes: sizes of the frames and of the data, 16 bits each; the contents of `.eh_frame`; those of
/// `.rodata`, with jump tables; code, to the end.
func checkFlow(_ bytes: [UInt8]) {
  guard bytes.count > 4 else { return }
  let frames = min(Int(bytes[0]) | Int(bytes[1]) << 8, bytes.count - 4)
  let data = min(Int(bytes[2]) | Int(bytes[3]) << 8, bytes.count - 4 - frames)
  let image = program(
    frames: bytes[4..<4 + frames], data: bytes[4 + frames..<4 + frames + data], code: bytes[(4 + frames + data)...])
  guard let file = try? ELFFile(reading: ByteArray(image, name: "case")) else {
    require(false, "a program that was made can be read")
    return
  }
  checkFlow(of: file, size: bytes.count)
}

/// Checks the code of a file against its rows, if it has both.
func checkFlow(of file: ELFFile, size: Int) {
  var problems: [ELFError] = []
  let table = CallFrameTable(of: file, problems: &problems)
  var unread: [String] = []
  let sections = CodeSection.all(of: file, problems: &unread)
  guard !table.fdes.isEmpty, !sections.isEmpty else { return }
  var names: [(address: UInt64, rawName: String)] = []
  if let symbols = try? file.symbols() {
    names = symbols.filter(\.isFunction).map { ($0.value, symbols.name(of: $0)) }
  }
  let reader = CodeReader(file, sections: sections, labels: names.map(\.address).sorted())
  let facts = CodeFacts(of: file, names: names, reader: reader, problems: &problems)
  guard var check = FlowCheck(table: table, facts: facts, reader: reader) else { return }
  allow(instructions: size)
  var verdicts: [FunctionVerdicts] = []
  for index in table.fdes.indices {
    let verdict = check.check(index)
    require(verdict.instructions <= size, "no more instructions than bytes")
    for finding in verdict.findings {
      require(finding.address.map(table.fdes[index].addresses.contains) ?? false, "a finding is inside its FDE")
      require(!finding.explanation.isEmpty, "a finding says what is wrong")
    }
    require(
      verdict.findings.isEmpty || verdict.refuted > 0 || verdict.instructions > 0, "what is wrong is an instruction")
    verdicts.append(verdict)
  }
  // What is found of a function does not depend on those that were checked before it.
  if table.fdes.count > 1 { require(check.check(0) == verdicts[0], "a function has the same verdicts again") }
  PartLinks.resolve(&verdicts, table: table)
  check.refuteReturnedStarts(&verdicts)
  require(verdicts.allSatisfy { $0.conditionals.isEmpty }, "links between parts decide what is conditional")
}

/// A program of three sections. Allocates a little more than they have.
private func program(frames: ArraySlice<UInt8>, data: ArraySlice<UInt8>, code: ArraySlice<UInt8>) -> [UInt8] {
  let names: [UInt8] = Array("\0.text\0.rodata\0.eh_frame\0.shstrtab\0".utf8)
  let headers = 64
  var bytes: [UInt8] = []
  let size = headers + 5 * 64 + names.count + frames.count + data.count + code.count
  bytes.reserveCapacity(size)
  func word(_ value: UInt64, _ count: Int) {
    for byte in 0..<count { bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * byte))) }
  }
  // ELFCLASS64, little-endian; ET_EXEC, EM_X86_64.
  bytes += [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
  word(2, 2)
  word(62, 2)
  word(1, 4)
  word(codeAddress, 8)
  word(0, 8)
  word(UInt64(headers), 8)
  word(0, 4)
  for value: UInt64 in [64, 56, 0, 64, 5, 4] { word(value, 2) }
  var offset = UInt64(headers + 5 * 64)
  func section(name: UInt64, kind: UInt64, flags: UInt64, address: UInt64, _ count: Int) {
    word(name, 4)
    word(kind, 4)
    for value in [flags, address, offset, UInt64(count), 0, 1, 0] as [UInt64] { word(value, 8) }
    // sh_link and sh_info share a word of 64 bits: the value 0 above; alignment 1, no entries.
    offset += UInt64(count)
  }
  bytes += [UInt8](repeating: 0, count: 64)
  section(name: 1, kind: 1, flags: 6, address: codeAddress, code.count)
  section(name: 7, kind: 1, flags: 2, address: dataAddress, data.count)
  section(name: 15, kind: 1, flags: 2, address: frameAddress, frames.count)
  section(name: 25, kind: 3, flags: 0, address: 0, names.count)
  bytes += code
  bytes += data
  bytes += frames
  bytes += names
  return bytes
}
