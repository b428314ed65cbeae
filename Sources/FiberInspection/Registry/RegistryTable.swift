internal import CFiberAsm
internal import CallFrameInfo

/// One record as it lies in a chunk (`struct ft_record` in FiberTraceRegistry.h).
struct FiberRecord: Hashable {
  let id: UInt64
  let isFinished: Bool
  let isAbandoned: Bool
  let stackPointer: UInt64
  let base: UInt64
  let count: UInt64
  let low: UInt64
  let name: UInt64
  let wait: UInt64
  let creator: UInt64

  /// nil if the record is free or the bytes end inside it.
  init?(_ bytes: [UInt8], at offset: Int, head: RegistryHead) {
    func word(_ field: Int) -> UInt64? { bytes.littleEndian(offset + field) }
    let fields = head.fields
    guard let identity = word(fields.identity), identity != 0, let stackPointer = word(fields.stackPointer),
      let base = word(fields.base), let count = word(fields.count), let low = word(fields.low),
      let name = word(fields.name), let wait = word(fields.wait), let creator = word(fields.creator)
    else { return nil }
    id = identity >> head.identityShift
    isFinished = identity & head.finishedFlag != 0
    isAbandoned = identity & head.abandonedFlag != 0
    self.stackPointer = stackPointer
    self.base = base
    self.count = count
    self.low = low
    self.name = name
    self.wait = wait
    self.creator = creator
  }

  /// Records go by id; those of a damaged table may share one.
  func isBefore(_ other: FiberRecord) -> Bool { id != other.id ? id < other.id : base < other.base }

  /// A resume has happened that no suspend has answered.
  var isOnThread: Bool { count % 2 == 1 }

  /// End of the words above the base; `low`..`top` holds every frame of the fiber.
  func top(_ layout: RegistryLayout) -> UInt64 {
    base.saturatingAdding(UInt64(layout.hasLink ? FT_BASE_TOP_SIZE : 8))
  }
}

/// The chunks of a registry, read in bulk: head and records, nothing of what records point to.
struct RegistryTable {
  let location: RegistryLocation
  let head: RegistryHead
  /// By ascending id.
  private(set) var records: [FiberRecord] = []
  /// Where its chunks lie, as far as they could be read.
  private(set) var chunks: [Range<UInt64>] = []
  /// What of the table could not be read.
  private(set) var problems: [Problem] = []

  /// Bounds on what all registries of a process together may make a reader do. Hostile lists of chunks are finite, but
  /// long, and many registries may lead to the same one.
  struct Limits {
    /// Chunks followed: 65,536 of ours hold 66 million fibers.
    var chunks = 1 << 16
    /// Bytes of tables read: 4 million fibers.
    var bytes = 1 << 28
  }

  /// What the limits are after this table.
  private(set) var left: Limits

  /// The registries at these places, and what of them could not be read.
  static func all(
    at locations: [RegistryLocation], memory: any MemoryReader, limits: Limits = Limits()
  ) -> (tables: [RegistryTable], problems: [Problem]) {
    var tables: [RegistryTable] = []
    var problems: [Problem] = []
    var left = limits
    for (index, location) in locations.enumerated() {
      guard left.chunks > 0, left.bytes > 0 else {
        problems.append(
          Problem("the first \(index) fiber registries have too many tables: \(locations.count - index) are not shown"))
        break
      }
      do {
        let table = try RegistryTable(at: location, memory: memory, limits: left)
        left = table.left
        tables.append(table)
        problems += table.problems
      } catch {
        problems.append(error.problem)
      }
    }
    return (tables, problems)
  }

  /// Reads the table. O(chunks) reads of memory.
  ///
  /// - Throws: if the head cannot be used. Faults further on leave what was read before them, and a problem.
  init(at location: RegistryLocation, memory: any MemoryReader, limits: Limits = Limits()) throws(RegistryFault) {
    self.location = location
    left = limits
    head = try RegistryHead(at: location, memory: memory)
    var address = head.chunks
    var visited: Set<UInt64> = []
    while address != 0 {
      guard visited.insert(address).inserted else {
        fault(.damaged, "its list of chunks is cyclic at \(hexadecimal(address))")
        break
      }
      guard left.chunks > 0, left.bytes > 0 else {
        fault(
          .incomplete,
          "it has more than \(visited.count - 1) chunks or \(limits.bytes) bytes of tables: the rest is not shown")
        break
      }
      left.chunks -= 1
      guard let next = readChunk(at: address, memory: memory) else { break }
      address = next
    }
    records.sort { $0.isBefore($1) }
  }

  private mutating func fault(_ kind: RegistryFault.Kind, _ text: String) {
    problems.append(RegistryFault(kind, location, text).problem)
  }

  /// Appends a chunk's records and answers the address of the next chunk, nil if the header cannot be read.
  private mutating func readChunk(at address: UInt64, memory: any MemoryReader) -> UInt64? {
    let headerSize = max(head.recordsOffset, head.nextOffset + 8, head.capacityOffset + 8)
    // A chunk of ours in one read.
    var bytes = memory.bytes(at: address, count: max(Int(FT_CHUNK_SIZE), headerSize))
    guard let next: UInt64 = bytes.littleEndian(head.nextOffset),
      let capacity: UInt64 = bytes.littleEndian(head.capacityOffset)
    else {
      fault(
        .incomplete,
        "its chunk at \(hexadecimal(address)) cannot be read: the fibers there and in older chunks are not shown")
      return nil
    }
    let (tableSize, overflow) = capacity.multipliedReportingOverflow(by: UInt64(head.recordSize))
    let wanted = overflow ? Int.max : Int(clamping: tableSize.saturatingAdding(UInt64(head.recordsOffset)))
    while bytes.count < min(wanted, left.bytes) {
      // What is not mapped ends the loop, so an absurd capacity costs no more than what there is.
      let position = address.saturatingAdding(UInt64(bytes.count))
      let part = memory.bytes(at: position, count: min(1 << 20, min(wanted, left.bytes) - bytes.count))
      if part.isEmpty { break }
      bytes += part
    }
    let known = min(bytes.count, wanted)
    chunks.append(address..<address.saturatingAdding(UInt64(max(known, headerSize))))
    left.bytes -= max(known, 1)
    for offset in stride(from: head.recordsOffset, through: known - head.recordSize, by: head.recordSize) {
      if let record = FiberRecord(bytes, at: offset, head: head) { records.append(record) }
    }
    if known < wanted {
      fault(
        .incomplete,
        "its chunk at \(hexadecimal(address)) claims \(capacity) records, and \(known) of their \(wanted) bytes are "
          + "readable")
    }
    return next
  }
}

extension UInt64 {
  /// The sum, or the greatest value where it overflows.
  func saturatingAdding(_ other: UInt64) -> UInt64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }

  /// The difference, or 0 where it would be negative.
  func saturatingSubtracting(_ other: UInt64) -> UInt64 { self > other ? self - other : 0 }
}
