/// The structure of an ELF64 file: header, segments and sections are read when it is opened, contents when asked for.
///
/// It reads executables, shared objects, relocatable objects (relocations are applied) and separate debug files, whose loaded
/// sections have addresses but no bytes. Whatever the bytes are, it allocates no more than a small multiple of their number,
/// but for what a decompressor makes of them (see `CompressionHeader.greatestRatio`).
public struct ELFFile: Sendable {
  /// Where it reads.
  public let source: any ByteSource & Sendable
  /// The file's header.
  public let header: ELFHeader
  /// The segments in file order; a relocatable file has none.
  public let segments: [ProgramHeader]
  /// The sections in file order, section 0 among them, so that each is at its index. None in a file stripped of section headers.
  public let sections: [Section]
  /// The addresses of sections were assigned when it was opened, since it is a relocatable file and has none itself.
  ///
  /// Its loaded sections then lie one after another from address 0 on, in file order, each aligned as it asks; unless it was
  /// opened as one that is placed.
  public var isLaidOut: Bool { header.type == .relocatable }

  /// Undoes compression; without one, compressed sections cannot be read.
  let decompress: Decompressor?
  /// What is at which address.
  let image: LoadedImage
  /// What changes sections of a relocatable file.
  let relocations: RelocationIndex?

  /// Opens a file. Reads its header, segments, section headers and section names, of a relocatable file the symbols as well.
  /// O(their number).
  ///
  /// - Parameter isPlaced: the sections of a relocatable file have addresses, which are kept: a JIT compiler has loaded it, and
  ///   its headers say where.
  /// - Throws: what `ELFHeader.init` throws; `truncated` if not all of that is in the source, `malformed` if it cannot be what it
  ///   says, `otherType` if it is no program, shared object or relocatable file.
  public init(
    reading source: any ByteSource & Sendable, decompress: Decompressor? = nil, isPlaced: Bool = false
  ) throws(ELFError) {
    header = try ELFHeader(reading: source)
    try header.require(
      [.executable, .shared, .relocatable], wanted: "a program, a shared object or an object file", in: source)
    segments = try header.programHeaders(in: source)
    var sections = try header.sections(in: source)
    if header.type == .relocatable && !isPlaced { try SectionLayout(source: source.name).assign(&sections) }
    self.source = source
    self.sections = sections
    self.decompress = decompress
    image = LoadedImage(segments: header.type == .relocatable ? [] : segments, sections: sections)
    relocations = header.type == .relocatable ? RelocationIndex(sections, source: source) : nil
  }

  /// The first section of this name. O(number of sections).
  public func section(named name: String) -> Section? { sections.first { $0.name == name } }

  /// All sections of this name in file order: a relocatable file may have several `.eh_frame`. No two have the same bytes of the
  /// file, so that all of them together are no larger. O(number of sections).
  ///
  /// - Throws: `malformed` if two of them overlap.
  public func sections(named name: String) throws(ELFError) -> [Section] {
    let found = sections.filter { $0.name == name }
    let ordered = found.filter { $0.hasBytes && $0.size != 0 }.sorted { $0.fileOffset < $1.fileOffset }
    for (section, next) in zip(ordered, ordered.dropFirst()) {
      if let range = section.fileRange, range.upperBound <= next.fileOffset { continue }
      throw ELFError(
        .malformed, source: source.name, section: name, offset: next.fileOffset,
        "sections \(section.index) and \(next.index) overlap in the file")
    }
    return found
  }
}

/// Gives the loaded sections of a relocatable file addresses of their own.
struct SectionLayout {
  let source: String

  /// - Throws: `malformed` if they do not fit into 64 bits.
  func assign(_ sections: inout [Section]) throws(ELFError) {
    var next: UInt64 = 0
    for index in sections.indices where sections[index].isAllocated {
      let section = sections[index]
      // What is no power of two is no alignment.
      let mask = section.alignment.nonzeroBitCount == 1 ? section.alignment - 1 : 0
      let (padded, paddingOverflow) = next.addingReportingOverflow(mask)
      let address = padded & ~mask
      let (end, overflow) = address.addingReportingOverflow(section.size)
      guard !paddingOverflow, !overflow else {
        throw ELFError(
          .malformed, source: source, section: section.name, offset: section.fileOffset,
          "section \(index) of \(section.size) bytes does not fit into the address space after those before it")
      }
      sections[index].address = address
      next = end
    }
  }
}
