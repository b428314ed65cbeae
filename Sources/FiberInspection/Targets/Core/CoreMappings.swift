internal import CallFrameInfo

extension CoreNotes {
  /// The mappings of the process: one for each loadable segment, with the file that NT_FILE names for it, and the files that no
  /// segment stands for. By ascending address. O(n log n).
  func mappings(_ core: CoreFile) -> [Mapping] {
    let vdso = auxiliary[33]
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
    // Left out of the core by MADV_DONTDUMP or by gcore, which saves no unchanged code: nothing tells whether they were
    // writable or executable.
    mappings += files.filter { !covered.contains($0.range.lowerBound) }.map {
      Mapping(
        range: $0.range, fileOffset: $0.offset, path: $0.path, isWritable: true, isExecutable: true,
        isDeleted: $0.isDeleted)
    }
    return mappings.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }
}
