internal import CallFrameInfo

/// The mappings of a core's process.
struct CoreMappings {
  /// One for each loadable segment, with the file that NT_FILE names for it, and one for each file that no segment stands
  /// for. By ascending address.
  private(set) var mappings: [Mapping]
  /// Low ends of those without a segment. Nothing in the core tells their permissions.
  let leftOut: Set<UInt64>

  /// O(n log n).
  init(_ core: CoreFile, _ notes: CoreNotes) {
    let files = notes.files
    let vdso = notes.auxiliary[33]
    var covered: Set<UInt64> = []
    var mappings = core.segments.compactMap { segment -> Mapping? in
      guard segment.kind == .load, let range = segment.virtualRange, !range.isEmpty else { return nil }
      let index = files.firstIndexAbove(range.lowerBound, by: \.range.lowerBound) - 1
      let file = index >= 0 && files[index].range.contains(range.lowerBound) ? files[index] : nil
      if let file { covered.insert(file.range.lowerBound) }
      return Mapping(
        range: range,
        fileOffset: file.map { $0.offset &+ (range.lowerBound - $0.range.lowerBound) } ?? 0,
        path: file?.path ?? (range.lowerBound == vdso ? "[vdso]" : ""), isWritable: segment.isWritable,
        isExecutable: segment.isExecutable, isDeleted: file?.isDeleted ?? false)
    }
    let rest = files.filter { !covered.contains($0.range.lowerBound) }
    mappings += rest.map {
      Mapping(
        range: $0.range, fileOffset: $0.offset, path: $0.path, isWritable: false, isExecutable: false,
        isDeleted: $0.isDeleted)
    }
    self.mappings = mappings.sorted { $0.range.lowerBound < $1.range.lowerBound }
    leftOut = Set(rest.map(\.range.lowerBound))
  }

  /// Gives the mappings left out the permissions that modules were loaded with. O(n log n).
  mutating func takePermissions(from modules: [FoundModule]) {
    let segments = modules.flatMap { found in
      found.segments.filter { $0.kind == .load }.map { (start: found.module.bias &+ $0.virtualAddress, segment: $0) }
    }.sorted { $0.start < $1.start }
    for index in mappings.indices where leftOut.contains(mappings[index].range.lowerBound) {
      // Mappings start at the page that holds the segment's first byte.
      let place = segments.firstIndexAbove(mappings[index].range.lowerBound | 4095, by: \.start) - 1
      guard place >= 0, case let segment = segments[place].segment,
        mappings[index].range.lowerBound.saturatingSubtracting(segments[place].start) < segment.memorySize
      else { continue }
      mappings[index].isWritable = segment.isWritable
      mappings[index].isExecutable = segment.isExecutable
    }
  }
}
