internal import CallFrameInfo

/// A decompressor that makes zeros, where they are not many more than the compressed bytes.
private let zeros = Decompressor([.zlib]) { bytes, _, size in
  size <= 4 * bytes.count ? [UInt8](repeating: 0, count: size) : nil
}

/// Reads all there is of an ELF file, or whatever these bytes are.
func readFile(_ bytes: [UInt8]) {
  let file: ELFFile
  do throws(ELFError) {
    file = try ELFFile(reading: ByteArray(bytes, name: "case"), decompress: zeros)
  } catch {
    require(!error.description.isEmpty, "an error has a text")
    return
  }
  for section in file.sections {
    readContents(of: section, file, size: bytes.count)
    require(section.range.map { $0.lowerBound == section.address } ?? true, "a range starts at its section's address")
  }
  readSymbols(of: file)
  for address in [0, 1, file.header.entry, 1 << 63, .max] {
    let count = file.byteCount(fromAddress: address)
    let read = file.bytes(atAddress: address, count: 100)
    require(UInt64(read.count) <= min(count, 100), "no more bytes than there are")
  }
  if let id = file.buildID { require(id.count <= bytes.count, "a build-id is inside the file") }
  if let link = file.debugLink { require(!link.name.isEmpty, "a debug link has a name") }
  if let range = file.searchTableRange {
    let count = Int(clamping: min(range.upperBound - range.lowerBound, UInt64(bytes.count)))
    readSearchTable(file.bytes(atAddress: range.lowerBound, count: count), address: range.lowerBound)
  }
  _ = try? SearchTable(of: file)
  var problems: [ELFError] = []
  let frames = CallFrameTable.sections(of: file, problems: &problems)
  require(frames.allSatisfy { !$0.bytes.isEmpty }, "what describes frames has bytes")
  readFrames(frames, of: file)
  checkFlow(of: file, size: bytes.count)
}

private func readContents(of section: Section, _ file: ELFFile, size: Int) {
  var problems: [ELFError] = []
  do throws(ELFError) {
    let contents = try file.contents(of: section, problems: &problems)
    require(section.isCompressed || contents.count <= size, "contents are no larger than the file")
    require(section.hasBytes || contents.isEmpty, "there are no bytes where the file has none")
  } catch {
    require(!error.description.isEmpty, "an error has a text")
  }
  let strict = try? file.contents(of: section)
  require(strict == nil || problems.isEmpty, "a problem is an error to whom does not list them")
}

private func readSymbols(of file: ELFFile) {
  for section in file.sections where section.kind == .symbols || section.kind == .dynamicSymbols {
    guard let symbols = try? file.symbols(of: section) else { continue }
    for symbol in symbols {
      require(symbols.name(of: symbol).utf8.allSatisfy { $0 != 0 }, "a name ends before its NUL")
      require(!symbol.isFunction || symbol.sectionIndex != nil, "a function is in a section")
    }
  }
  _ = try? file.symbols()
}
