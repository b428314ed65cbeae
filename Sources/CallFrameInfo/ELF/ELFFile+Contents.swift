extension ELFFile {
  /// The bytes of a section: decompressed, and in a relocatable file with all relocations applied. None for one that has none in
  /// the file (SHT_NOBITS). O(size of the section, of its relocations).
  ///
  /// - Throws: what `contents(of:problems:)` throws, and the first problem it lists.
  public func contents(of section: Section) throws(ELFError) -> [UInt8] {
    var problems: [ELFError] = []
    let bytes = try contents(of: section, problems: &problems)
    if let problem = problems.first { throw problem }
    return bytes
  }

  /// The bytes of a section, as far as relocations can be applied: those of code name places that only a linker makes (a global
  /// offset table, thread-local storage). A field whose relocation is a problem stays as it is in the file.
  ///
  /// Undefined symbols count as 0. Addresses are the assigned ones (see `isLaidOut`).
  /// O(size of the section, of its relocations).
  ///
  /// - Parameter problems: receives a line for each relocation that could not be applied, at most
  ///   `RelocationIndex.problemLimit`, the last of which then says how many more there are.
  /// - Throws: `truncated` if not all of the section is in the source, `malformed` if its compressed bytes, relocations or symbols
  ///   cannot be what they say, `unsupported` if there is no decompressor for it.
  public func contents(of section: Section, problems: inout [ELFError]) throws(ELFError) -> [UInt8] {
    var bytes = try storedBytes(of: section)
    if section.isCompressed, section.hasBytes { bytes = try decompressed(bytes, section) }
    if let relocations { try relocations.apply(to: &bytes, of: section, problems: &problems) }
    return bytes
  }

  /// As they are in the file.
  ///
  /// - Throws: `truncated` if not all of them are in the source.
  public func storedBytes(of section: Section) throws(ELFError) -> [UInt8] {
    try section.storedBytes(in: source)
  }

  private func decompressed(_ bytes: [UInt8], _ section: Section) throws(ELFError) -> [UInt8] {
    func fail(_ code: ELFError.Code, _ text: String) -> ELFError {
      ELFError(code, source: source.name, section: section.name, offset: section.fileOffset, text)
    }
    guard let header = CompressionHeader(bytes) else {
      throw fail(.truncated, "\(bytes.count) of the \(CompressionHeader.size) bytes of a compression header")
    }
    guard let ratio = header.greatestRatio else {
      throw fail(.unsupported, "compressed by \(header.format), expected zlib or zstd")
    }
    let compressed = bytes[CompressionHeader.size...]
    // Below 2^63: sections are arrays.
    guard header.contentSize <= UInt64(compressed.count) * ratio else {
      throw fail(
        .malformed, "\(compressed.count) compressed bytes for \(header.contentSize), more than their format can hold")
    }
    guard let decompress, decompress.formats.contains(header.format) else {
      throw fail(.unsupported, "compressed by \(header.format), which nothing here undoes")
    }
    guard let contents = decompress.decompress(compressed, header.format, Int(header.contentSize)),
      contents.count == Int(header.contentSize)
    else {
      throw fail(
        .malformed,
        "\(compressed.count) compressed bytes that are damaged or do not make \(header.contentSize) bytes")
    }
    return contents
  }
}

extension Section {
  /// The largest section that is read whole, in bytes. A sparse file takes no room on disk and may claim any size; the largest
  /// tables of names that linkers have made have some hundreds of megabytes.
  static let mostBytes: UInt64 = 1 << 30

  /// As they are in the file; none if it has none there.
  ///
  /// - Throws: `truncated` if not all of them are in the source, `unsupported` if they are more than `mostBytes`.
  func storedBytes(in source: some ByteSource) throws(ELFError) -> [UInt8] {
    guard hasBytes else { return [] }
    guard size <= Self.mostBytes || !source.reaches(fileOffset, count: size) else {
      throw ELFError(
        .unsupported, source: source.name, section: name, offset: fileOffset,
        "section \(index) of \(size) bytes, expected at most \(Self.mostBytes)")
    }
    let bytes = source.bytes(at: fileOffset, count: min(size, Self.mostBytes))
    guard UInt64(bytes.count) == size else {
      throw ELFError(
        .truncated, source: source.name, section: name, offset: fileOffset,
        "truncated: \(bytes.count) of the \(size) bytes of section \(index)")
    }
    return bytes
  }
}
