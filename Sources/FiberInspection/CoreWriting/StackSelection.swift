internal import CFiberAsm
internal import CallFrameInfo

/// What a core of stacks alone has: the live stacks of threads and fibers, registries, variables of modules, the list
/// of loaded libraries, the threads' descriptors, headers of images. What is not taken is absent, so that debuggers say
/// that they cannot access it; only code and constants, which are in their files, have segments without bytes.
struct StackSelection {
  /// Mappings with their segments: whole ones, headers, and those without bytes.
  private(set) var files: [(mapping: Mapping, size: UInt64)] = []
  /// Whole pages of other memory: elfutils 0.188 finds nothing in segments that begin inside a page. By ascending
  /// address, disjoint.
  private(set) var ranges: [Range<UInt64>] = []
  private(set) var problems: [Problem] = []

  /// Libraries whose names are followed: a hostile list may be endless.
  private static let libraryLimit = 4096
  /// Bytes of glibc's descriptor of a thread that debuggers may read: struct pthread has 2,304 in 2.36.
  private static let descriptorSize: UInt64 = 4096
  private static let dynamicDebug: UInt64 = 21

  /// - Parameters:
  ///   - threads: ids and registers.
  ///   - isModified: a private mapping of a file may differ from the file.
  ///   - existing: the parts of a range that can be had.
  /// - Complexity: O(fibers + mappings), and of the pages that `isModified` looks at.
  init(
    maps: ProcessMaps, tables: [RegistryTable], threads: [(id: Int32, registers: UserRegisters)],
    modules: [FoundModule],
    auxiliary: CoreAuxiliary, memory: any MemoryReader, pageMap: PageMap?, isModified: (Mapping) -> Bool,
    existing: (Range<UInt64>) -> [Range<UInt64>]
  ) {
    takeFiles(maps, isModified)
    var plan = StackPlan(maps: maps, pageMap: pageMap)
    let fibers = FiberStacks(tables)
    for (index, thread) in threads.enumerated() {
      let registers = thread.registers
      let stack = ThreadStack(
        thread: thread.id, stackPointer: registers.registers.stackPointer,
        framePointer: registers.registers.framePointer,
        home: index == 0 ? auxiliary.random : registers.threadPointer)
      plan.add(stack, fibers: fibers) { memory.word(at: $0) }
      plan.addData(at: registers.threadPointer, size: Self.descriptorSize)
    }
    plan.addUnreached(fibers)
    for table in tables {
      for record in table.records { plan.add(record, layout: table.head.layout) }
      plan.addData(at: table.location.address, size: UInt64(MemoryLayout<ft_registry>.size))
      for chunk in table.chunks { plan.addData(at: chunk.lowerBound, size: chunk.upperBound - chunk.lowerBound) }
    }
    Self.addLibraries(modules, auxiliary, memory, to: &plan)
    problems = plan.problems
    ranges = Self.without(files.map(\.mapping.range), Self.pages(plan.merged())).flatMap(existing)
  }

  /// Mappings of files: whole if something in them may differ, else their first page if an image begins there, else
  /// empty.
  private mutating func takeFiles(_ maps: ProcessMaps, _ isModified: (Mapping) -> Bool) {
    for (mapping, isShared) in zip(maps.mappings, maps.isShared) where !isShared {
      let size = mapping.range.upperBound - mapping.range.lowerBound
      if mapping.path == "[vdso]" {
        files.append((mapping, size))
      } else if mapping.path.hasPrefix("/"), maps.readable(holding: mapping.range.lowerBound) != nil {
        if isModified(mapping) {
          files.append((mapping, size))
        } else if !mapping.isWritable {
          files.append((mapping, mapping.fileOffset == 0 ? min(size, PageMap.pageSize) : 0))
        }
      }
    }
  }

  /// The dynamic section of the program leads to the list of libraries (link.h: r_debug, link_map), which tells
  /// debuggers what is loaded where.
  private static func addLibraries(
    _ modules: [FoundModule], _ auxiliary: CoreAuxiliary, _ memory: any MemoryReader, to plan: inout StackPlan
  ) {
    guard let headers = auxiliary.programHeaders,
      let program = modules.first(where: { $0.module.range.contains(headers) }),
      let dynamic = program.segments.first(where: { $0.kind == .dynamic })
    else { return }
    let start = program.module.bias &+ dynamic.virtualAddress
    let section = memory.bytes(at: start, count: Int(min(dynamic.memorySize, 1 << 16)))
    plan.addData(at: start, size: UInt64(section.count))
    var debug: UInt64?
    for offset in stride(from: 0, through: section.count - 16, by: 16) {
      if let key: UInt64 = section.littleEndian(offset), key == dynamicDebug {
        debug = section.littleEndian(offset + 8)
      }
    }
    guard let debug, let first = memory.word(at: debug &+ 8) else { return }
    plan.addData(at: debug, size: 64)
    var next = first
    var visited: Set<UInt64> = []
    while next != 0, visited.count < libraryLimit, visited.insert(next).inserted {
      // The public part has 40 bytes; libthread_db reads numbers of TLS modules behind it.
      plan.addData(at: next, size: 2048)
      if let name = memory.word(at: next &+ 8) { plan.addData(at: name, size: 4096) }
      guard let following = memory.word(at: next &+ 24) else { return }
      next = following
    }
  }

  /// The pages that `ranges` touch; both ascend and are disjoint. O(n).
  private static func pages(_ ranges: [Range<UInt64>]) -> [Range<UInt64>] {
    let mask = PageMap.pageSize - 1
    var result: [Range<UInt64>] = []
    for range in ranges {
      let low = range.lowerBound & ~mask
      let high = range.upperBound.saturatingAdding(mask) & ~mask
      if let last = result.last, low <= last.upperBound {
        result[result.count - 1] = last.lowerBound..<max(last.upperBound, high)
      } else {
        result.append(low..<high)
      }
    }
    return result
  }

  /// The parts of `ranges` outside `others`; both ascend and are disjoint. O(n).
  static func without(_ others: [Range<UInt64>], _ ranges: [Range<UInt64>]) -> [Range<UInt64>] {
    var result: [Range<UInt64>] = []
    var index = 0
    for range in ranges {
      var low = range.lowerBound
      while index < others.count, others[index].upperBound <= low { index += 1 }
      var other = index
      while other < others.count, others[other].lowerBound < range.upperBound {
        if low < others[other].lowerBound { result.append(low..<others[other].lowerBound) }
        low = max(low, others[other].upperBound)
        other += 1
      }
      if low < range.upperBound { result.append(low..<range.upperBound) }
    }
    return result
  }
}
