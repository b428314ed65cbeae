internal import CallFrameInfo

/// A module with what its program headers say.
struct FoundModule {
  var module: Module
  let segments: [ProgramHeader]
}

/// What came of opening the file that a mapping shows.
enum ModuleFile {
  /// `isMapped`: it is certainly the file that is mapped, not another of its name.
  case opened(OpenFile, isMapped: Bool)
  /// Why not, and what to do.
  case failed(String)
}

/// Finds the ELF images among the mappings of a process, and the files they were loaded from.
///
/// An image starts at a mapping of offset 0 of a file that has executable mappings. Files that are
/// mapped as data are none. O(n) in the mappings, plus the opening of each image's file.
struct ModuleFinder {
  /// By ascending address.
  let mappings: [Mapping]
  /// Low ends of mappings of which it is not known whether they are executable: gcore leaves out what equals its file.
  let unknown: Set<UInt64>
  /// Without anything read from the modules' files.
  let memory: any MemoryReader
  /// What messages call the process or core: "process 12".
  let target: String
  /// Opens the file of an image whose first mapping this is.
  let open: (Mapping) -> ModuleFile

  /// Images of more segments are not looked at: real ones have a dozen.
  static let segmentLimit = 1024

  private(set) var problems: [Problem] = []
  private(set) var notes: [Problem] = []

  init(
    mappings: [Mapping], unknown: Set<UInt64> = [], memory: any MemoryReader, target: String,
    open: @escaping (Mapping) -> ModuleFile
  ) {
    self.mappings = mappings
    self.unknown = unknown
    self.memory = memory
    self.target = target
    self.open = open
  }

  /// The modules by ascending address.
  mutating func modules() -> [FoundModule] {
    let executable = Set(mappings.filter { !$0.path.isEmpty && mayHaveCode($0) }.map(\.path))
    var found: [FoundModule] = []
    for (index, mapping) in mappings.enumerated() {
      guard mapping.fileOffset == 0, mapping.path.hasPrefix("/") || mapping.path == "[vdso]",
        executable.contains(mapping.path)
      else { continue }
      if let last = found.last, last.module.path == mapping.path, last.module.range.contains(mapping.range.lowerBound) {
        continue
      }
      do {
        if let module = try module(at: index) { found.append(module) }
      } catch {
        problems.append(Problem("module \(mapping.path) of \(target) is not readable: \(error)"))
      }
    }
    return found
  }

  private func mayHaveCode(_ mapping: Mapping) -> Bool {
    mapping.isExecutable || unknown.contains(mapping.range.lowerBound)
  }

  private mutating func module(at index: Int) throws(ELFError) -> FoundModule? {
    let mapping = mappings[index]
    let size = mapping.range.upperBound - mapping.range.lowerBound
    let window = MemoryWindow(memory, at: mapping.range.lowerBound, size: size, name: "memory of \(target)")
    let magic = window.bytes(at: 0, count: 4)
    if magic.count == 4, magic != [0x7f, 0x45, 0x4c, 0x46] { return nil }
    let file = mapping.path == "[vdso]" ? virtualObject(mapping) : open(mapping)
    let fileSource = file.source

    let header: ELFHeader
    let segments: [ProgramHeader]
    if magic.count == 4 {
      header = try ELFHeader(reading: window)
      guard header.programHeaderCount <= Self.segmentLimit else {
        throw ELFError(
          .malformed, source: window.name, offset: 56, "\(header.programHeaderCount) segments, expected a dozen")
      }
      do {
        segments = try header.programHeaders(in: window)
      } catch {
        // Far from the start of the image, or cut off: the file has them too.
        guard let fileSource else { throw error }
        segments = try header.programHeaders(in: fileSource)
      }
    } else {
      guard let fileSource else {
        guard case .failed(let reason) = file else { return nil }
        return FoundModule(module: unread(index, reason: reason), segments: [])
      }
      header = try ELFHeader(reading: fileSource)
      segments = try header.programHeaders(in: fileSource)
    }
    guard header.type == .executable || header.type == .shared,
      let (range, bias) = try Self.span(of: segments, from: mapping.range.lowerBound, source: window.name)
    else { return nil }
    let hasCode = mappings[index...].prefix { $0.range.lowerBound < range.upperBound }
      .contains { $0.path == mapping.path && mayHaveCode($0) }
    guard hasCode else { return nil }

    let buildID = ModuleNotes.buildID(ModuleNotes.inMemory(segments, bias: bias, memory: memory).map(\.note))
    let image = image(file, mapping: mapping, buildID: buildID, window: magic.count == 4 ? window : nil)
    let module = Module(path: mapping.path, range: range, bias: bias, buildID: buildID, image: image)
    return FoundModule(module: module, segments: segments)
  }

  /// An image of which neither memory nor file has the headers: its mappings are all that is known.
  private func unread(_ index: Int, reason: String) -> Module {
    let first = mappings[index]
    let end = mappings[index...].prefix { $0.path == first.path || $0.path.isEmpty }.last { $0.path == first.path }
    let range = first.range.lowerBound..<(end ?? first).range.upperBound
    return Module(path: first.path, range: range, bias: range.lowerBound, buildID: nil, image: .missing(reason: reason))
  }

  /// Where the segments lie when the one with the file's first byte starts at `start`; nil if none has it.
  static func span(
    of segments: [ProgramHeader], from start: UInt64, source: String
  ) throws(ELFError) -> (range: Range<UInt64>, bias: UInt64)? {
    let page: UInt64 = 4096
    let loads = segments.filter { $0.kind == .load && $0.memorySize > 0 }
    guard let first = loads.first(where: { $0.fileOffset < page }) else { return nil }
    let bias = start &- (first.virtualAddress & ~(page - 1))
    var low = UInt64.max
    var high: UInt64 = 0
    for load in loads {
      guard let range = load.virtualRange, range.upperBound <= UInt64.max - page else {
        throw ELFError(
          .malformed, source: source, offset: 0,
          "a segment at 0x\(String(load.virtualAddress, radix: 16)) of \(load.memorySize) bytes")
      }
      low = min(low, range.lowerBound & ~(page - 1))
      high = max(high, (range.upperBound + page - 1) & ~(page - 1))
    }
    let end = bias &+ high
    guard bias &+ low < end else {
      throw ELFError(.malformed, source: source, offset: 0, "segments that wrap around the end of the address space")
    }
    return (bias &+ low..<end, bias)
  }

  /// The file if it is the very build that is in memory.
  private mutating func image(
    _ file: ModuleFile, mapping: Mapping, buildID: [UInt8]?, window: MemoryWindow?
  ) -> ModuleImage {
    switch file {
    case .failed(let reason): return .missing(reason: reason)
    case .opened(let file, let isMapped):
      guard let source = try? FileBytes(file), let header = try? ELFHeader(reading: source),
        let segments = try? header.programHeaders(in: source)
      else { return .missing(reason: "\(file.path) is not the ELF file that \(target) has mapped") }
      let fileID = ModuleNotes.buildID(ModuleNotes.inFile(segments, source))
      if let buildID, let fileID {
        if buildID == fileID { return .file(file) }
        return .missing(
          reason: "\(file.path) is another build than the one in \(target) (build-id \(fileID.hexadecimal), "
            + "in memory \(buildID.hexadecimal)): supply the file of that build")
      }
      if isMapped { return .file(file) }
      let headersSize = max(ELFHeader.size, header.programHeaderOffset &+ ProgramHeader.size * UInt64(segments.count))
      if let window, headersSize <= 1 << 16, fileID == nil || buildID != nil {
        let known = window.bytes(at: 0, count: headersSize)
        if known == source.bytes(at: 0, count: headersSize) { return .file(file) }
        return .missing(reason: "\(file.path) is another build than the one in \(target): their headers differ")
      }
      notes.append(
        Problem("\(file.path) is taken for the file in \(target) by its path alone: there is no build-id to compare"))
      return .file(file)
    }
  }

  /// The vdso has no file; a memory file with its bytes stands in.
  private func virtualObject(_ mapping: Mapping) -> ModuleFile {
    let size = mapping.range.upperBound - mapping.range.lowerBound
    let window = MemoryWindow(memory, at: mapping.range.lowerBound, size: size, name: "[vdso]")
    do {
      return .opened(try OpenFile.inMemory(window.bytes(at: 0, count: size), name: "[vdso]"), isMapped: true)
    } catch {
      return .failed("no memory file could be made of the vdso: \(error.text)")
    }
  }
}

extension ModuleFile {
  /// The file's bytes, if there are any.
  var source: FileBytes? {
    guard case .opened(let file, _) = self else { return nil }
    return try? FileBytes(file)
  }
}
