internal import CallFrameInfo

/// Which memory of a live process a core has, as segments and the parts of them that exist.
///
/// The rules are the kernel's by default (coredump_filter 0x33, core(5)): private memory without a file; shared memory
/// without a file; private mappings of files of which a page was written, whole; else of a file the page with its ELF
/// header; the vdso; nothing of devices. Memory that the program leaves out (MADV_DONTDUMP) is left out, but not the
/// stacks of fibers. The process's own coredump_filter is not asked: whoever takes a core by hand wants what can be
/// read in it.
struct MemorySelection {
  /// By ascending address; one for each mapping.
  private(set) var segments: [CoreSegment] = []
  /// For each segment, what of it may hold anything but zeros. By ascending address, disjoint.
  private(set) var parts: [Parts] = []
  /// The file tells nothing of pages: everything was taken.
  private(set) var problems: [Problem] = []

  /// What of a segment exists.
  struct Parts {
    /// Index of its segment.
    let segment: Int
    let ranges: [Range<UInt64>]
    /// The process may read it: process_vm_readv does.
    let isReadable: Bool
  }

  /// Bytes in `parts`.
  var size: UInt64 { parts.reduce(0) { $0 + $1.ranges.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) } } }

  /// - Parameters:
  ///   - stacks: those of fibers, by ascending address.
  /// - Complexity: O(pages).
  init(maps: ProcessMaps, flags: MappingFlags, pages: PageMap, shared: SharedPages, stacks: [Range<UInt64>]) {
    segments.reserveCapacity(maps.mappings.count)
    parts.reserveCapacity(maps.mappings.count)
    var readable = 0
    for (index, mapping) in maps.mappings.enumerated() {
      while readable < maps.readable.count, maps.readable[readable].upperBound <= mapping.range.lowerBound {
        readable += 1
      }
      let isReadable = readable < maps.readable.count && maps.readable[readable] == mapping.range
      let ranges = take(mapping, isShared: maps.isShared[index], isReadable: isReadable, flags, pages, shared, stacks)
      // Of a file as much as is there, so that what was not taken is absent and not zero; of memory the whole.
      let isWhole = !ranges.isEmpty && !isHeader(ranges, of: mapping, isShared: maps.isShared[index])
      let fileSize =
        isWhole ? mapping.range.upperBound - mapping.range.lowerBound : ranges.isEmpty ? 0 : PageMap.pageSize
      if !ranges.isEmpty { parts.append(Parts(segment: segments.count, ranges: ranges, isReadable: isReadable)) }
      segments.append(
        CoreSegment(
          range: mapping.range, fileSize: fileSize,
          flags: (isReadable ? 4 : 0) | (mapping.isWritable ? 2 : 0) | (mapping.isExecutable ? 1 : 0)))
    }
  }

  /// What a core of stacks has. Parts are readable, and all that is taken exists.
  init(_ selection: StackSelection) {
    problems = selection.problems
    let files = selection.files.map { mapping, size in
      CoreSegment(
        range: mapping.range, fileSize: size,
        flags: 4 | (mapping.isWritable ? 2 : 0) | (mapping.isExecutable ? 1 : 0))
    }
    let pieces = selection.ranges.map {
      CoreSegment(range: $0, fileSize: $0.upperBound - $0.lowerBound, flags: 6)
    }
    segments = (files + pieces).sorted { $0.range.lowerBound < $1.range.lowerBound }
    for (index, segment) in segments.enumerated() where segment.fileSize > 0 {
      let range = segment.range.lowerBound..<segment.range.lowerBound + segment.fileSize
      parts.append(Parts(segment: index, ranges: [range], isReadable: true))
    }
  }

  /// What is missing of shared memory without a file is zero, even if its first page alone exists.
  private func isHeader(_ ranges: [Range<UInt64>], of mapping: Mapping, isShared: Bool) -> Bool {
    mapping.path.hasPrefix("/") && !(isShared && mapping.isDeleted) && ranges == [Self.header(of: mapping)]
      && mapping.range.upperBound - mapping.range.lowerBound > PageMap.pageSize
  }

  private static func header(of mapping: Mapping) -> Range<UInt64> {
    mapping.range.lowerBound..<mapping.range.lowerBound + PageMap.pageSize
  }

  private mutating func take(
    _ mapping: Mapping, isShared: Bool, isReadable: Bool, _ flags: MappingFlags, _ pages: PageMap,
    _ shared: SharedPages, _ stacks: [Range<UInt64>]
  ) -> [Range<UInt64>] {
    if mapping.path == "[vdso]" { return [mapping.range] }
    // Above the process's addresses, or of no use outside the kernel.
    if mapping.path == "[vsyscall]" || mapping.path.hasPrefix("[vvar") || flags.isDevice.contains(mapping.range) {
      return []
    }
    if flags.isLeftOut.contains(mapping.range) {
      return existing(in: mapping.range, pages).flatMap { Self.clamped($0, to: stacks) }
    }
    let isFile = mapping.path.hasPrefix("/")
    // Pages of shared memory exist although this process has not touched them. Its file has no name: /dev/zero, memfd,
    // SysV.
    if isShared {
      if isFile && !mapping.isDeleted { return header(mapping, isReadable) }
      return isReadable ? shared.existing(in: mapping) ?? [mapping.range] : []
    }
    guard isFile else { return existing(in: mapping.range, pages) }
    return Self.isModified(mapping, pages) ? [mapping.range] : header(mapping, isReadable)
  }

  /// A page of a private mapping of a file was written; true where nothing tells.
  static func isModified(_ mapping: Mapping, _ pages: PageMap) -> Bool {
    var isModified = false
    let isKnown = pages.forEachPart(of: mapping.range, .modified) { _ in
      isModified = true
      return false
    }
    return isModified || !isKnown
  }

  private func header(_ mapping: Mapping, _ isReadable: Bool) -> [Range<UInt64>] {
    mapping.fileOffset == 0 && isReadable ? [Self.header(of: mapping)] : []
  }

  /// The pages of `range` that exist; nil where nothing tells.
  static func existing(in range: Range<UInt64>, _ pages: PageMap) -> [Range<UInt64>]? {
    var ranges: [Range<UInt64>] = []
    let isKnown = pages.forEachPart(of: range, .existing) {
      ranges.append($0)
      return true
    }
    return isKnown ? ranges : nil
  }

  private mutating func existing(in range: Range<UInt64>, _ pages: PageMap) -> [Range<UInt64>] {
    if let ranges = Self.existing(in: range, pages) { return ranges }
    fail()
    return [range]
  }

  private mutating func fail() {
    if problems.isEmpty {
      problems.append(
        Problem("/proc/PID/pagemap is not readable: untouched memory was read as well, which makes it exist"))
    }
  }

  /// The parts of `range` in `others`, which ascend and may overlap.
  private static func clamped(_ range: Range<UInt64>, to others: [Range<UInt64>]) -> [Range<UInt64>] {
    var result: [Range<UInt64>] = []
    var index = max(0, others.firstIndexAbove(range.lowerBound, by: \.lowerBound) - 1)
    while index < others.count, others[index].lowerBound < range.upperBound {
      // Whole pages: they are written as such.
      let page = PageMap.pageSize - 1
      let low = max(range.lowerBound, others[index].lowerBound & ~page, result.last?.upperBound ?? 0)
      let high = min(range.upperBound, others[index].upperBound.saturatingAdding(page) & ~page)
      if low < high { result.append(low..<high) }
      index += 1
    }
    return result
  }
}
