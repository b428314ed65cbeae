internal import CallFrameInfo

/// A loaded image by its program headers alone: where there are no section headers, or no file.
struct ModuleImageBytes {
  /// Most that is read of one table, in bytes: those of the largest programs have 100 MiB, a sparse file claims any number.
  static let limit: UInt64 = 1 << 28

  let name: String
  let segments: [ProgramHeader]
  /// Bytes at a virtual address of the file, at most so many, fewer where there are no more.
  private let read: (_ address: UInt64, _ count: UInt64) -> [UInt8]

  /// The image in `memory`; nil if its headers are not there.
  init?(_ module: Module, memory: any MemoryReader) {
    let size = module.range.upperBound - module.range.lowerBound
    let window = MemoryWindow(memory, at: module.range.lowerBound, size: size, name: "\(module.path) in memory")
    guard let header = try? ELFHeader(reading: window), header.programHeaderCount <= UInt32(ModuleFinder.segmentLimit),
      let segments = try? header.programHeaders(in: window)
    else { return nil }
    name = window.name
    self.segments = segments
    read = { address, count in memory.knownBytes(at: module.bias &+ address, count: count) }
  }

  private static func load(_ address: UInt64, _ segments: [ProgramHeader]) -> ProgramHeader? {
    segments.first { $0.kind == .load && $0.virtualRange?.contains(address) == true }
  }

  /// The segment PT_GNU_EH_FRAME, which is `.eh_frame_hdr`.
  func searchTable() -> SearchTable? {
    guard let segment = segments.first(where: { $0.kind == .ehFrame }) else { return nil }
    let bytes = read(segment.virtualAddress, min(segment.memorySize, Self.limit))
    return try? SearchTable(bytes, address: segment.virtualAddress, source: name)
  }

  /// `.eh_frame` at `address`: up to the record of length 0 that ends it, or the end of its segment. nil if there is nothing.
  func callFrames(at address: UInt64) -> CallFrameSection? {
    guard let segment = Self.load(address, segments), let range = segment.virtualRange else { return nil }
    let bytes = read(address, min(range.upperBound - address, Self.limit))
    return CallFrameSection(loaded: bytes, address: address, source: name)
  }
}
