import CFiberAsm
import Foundation
import TestSupport
import Testing

@testable import FiberInspection

/// Registries made up in memory, sound and broken.
@Suite struct RegistryTests {
  static let headAddress: UInt64 = 0x10_0000
  static let chunks: [UInt64] = [0x20_0000, 0x30_0000]
  static let strings: UInt64 = 0x40_0000
  static let stacks: UInt64 = 0x50_0000
  static let capacity = 8

  /// A head, two chunks of eight records of which six are in use, their strings and the tops of their stacks.
  static func memory() -> FakeMemory {
    var head = ft_registry()
    head.magic = FT_REGISTRY_MAGIC
    head.version = UInt32(FT_REGISTRY_VERSION)
    head.head_size = UInt32(MemoryLayout<ft_registry>.size)
    head.record_size = UInt32(FT_RECORD_SIZE)
    head.chunk_records_offset = UInt32(FT_CHUNK_HEADER_SIZE)
    head.chunk_next_offset = 0
    head.chunk_capacity_offset = 8
    (head.sp_offset, head.base_offset, head.count_offset, head.low_offset) = (0, 8, 16, 24)
    (head.identity_offset, head.name_offset, head.wait_offset, head.creator_offset) = (32, 40, 48, 56)
    head.identity_shift = UInt16(FT_IDENTITY_SHIFT)
    head.finished_flag = UInt16(FT_FLAG_FINISHED)
    head.has_link = 1
    head.end_record = 0xe0e0
    head.chunks = chunks[0]
    unsafe withUnsafeMutableBytes(of: &head.runtime) { unsafe $0.copyBytes(from: Array("made up".utf8)) }
    let headBytes = unsafe withUnsafeBytes(of: &head) { unsafe Array($0) }

    let chunkSize = Int(FT_CHUNK_HEADER_SIZE) + capacity * Int(FT_RECORD_SIZE)
    let memory = FakeMemory([
      (headAddress, headBytes), (chunks[0], [UInt8](repeating: 0, count: chunkSize)),
      (chunks[1], [UInt8](repeating: 0, count: chunkSize)), (strings, Array("a fiber\0why\0".utf8)),
      (stacks, [UInt8](repeating: 0, count: 0x8000)),
    ])
    memory.set(chunks[1], at: chunks[0])
    for chunk in chunks { memory.set(UInt64(capacity), at: chunk + 8) }
    for id in 1...6 as ClosedRange<UInt64> {
      let record = chunks[id > 3 ? 0 : 1] + UInt64(FT_CHUNK_HEADER_SIZE) + (id % 3) * 128
      let low = stacks + id * 0x1000
      let base = low + 0x1000 - 48
      let words = [base - 64, base, 2, low, id << 8 | (id == 2 ? 1 : 0), strings, strings + 8, 0x1234]
      for (index, word) in words.enumerated() { memory.set(word, at: record + UInt64(index) * 8) }
      memory.set(0xe0e0, at: base)
      memory.set(base + 48, at: base + 40)
    }
    return memory
  }

  static let location = RegistryLocation(address: headAddress, modulePath: "/made/up")

  private func fault(_ change: (FakeMemory) -> Void) -> String? {
    let memory = Self.memory()
    change(memory)
    do {
      _ = try RegistryTable(at: Self.location, memory: memory)
      return nil
    } catch {
      return error.problem.description
    }
  }

  private func problems(_ change: (FakeMemory) -> Void) throws -> (fibers: [UInt64], problems: [String]) {
    let memory = Self.memory()
    change(memory)
    let table = try RegistryTable(at: Self.location, memory: memory)
    let (registry, faults) = table.snapshot(memory: memory)
    return (registry.fibers.map(\.id), (table.problems + faults).map(\.description))
  }

  @Test func aSoundRegistryIsReadWhole() throws {
    let memory = Self.memory()
    let table = try RegistryTable(at: Self.location, memory: memory)
    #expect(table.problems.isEmpty)
    let (registry, faults) = table.snapshot(memory: memory)
    #expect(faults.isEmpty)
    #expect(registry.runtime == "made up")
    #expect(registry.fibers.map(\.id) == [1, 2, 3, 4, 5, 6])
    #expect(registry.fibers.map(\.isFinished) == [false, true, false, false, false, false])
    #expect(registry.fibers.allSatisfy { $0.name == "a fiber" && $0.waitReason == "why" && $0.link == 0xe0e0 })
    #expect(registry.fibers.allSatisfy { $0.high == $0.low + 0x1000 && $0.timesResumed == 1 && $0.creator == 0x1234 })
  }

  @Test func theTableIsReadInBulk() throws {
    let memory = Self.memory()
    _ = try RegistryTable(at: Self.location, memory: memory)
    #expect(memory.reads == 3)
  }

  @Test func aNewerVersionAsksForAnUpdate() {
    let offset = UInt64(MemoryLayout<ft_registry>.offset(of: \.version) ?? 0)
    let text = fault { $0.set(2 | UInt64(MemoryLayout<ft_registry>.size) << 32, at: Self.headAddress + offset) }
    #expect(text == "registry version 2 in /made/up is newer than this fibertrace reads (1): update fibertrace")
  }

  @Test func aHeadWithoutItsMagicIsDamaged() {
    let text = fault { $0.set(7, at: Self.headAddress) }
    #expect(
      text
        == "the fiber registry in /made/up at 0x100000 is damaged: it starts with 0x7, expected 0x5453494745525446 (FTREGIST)"
    )
  }

  @Test func offsetsOutsideTheRecordAreDamaged() {
    let offset = UInt64(MemoryLayout<ft_registry>.offset(of: \.sp_offset) ?? 0)
    #expect(
      fault { $0.set(0xffff, at: Self.headAddress + offset) }?.contains("the field sp lies at offset 65535") == true)
  }

  @Test func aCyclicListEndsAndKeepsWhatItLedTo() throws {
    let read = try problems { $0.set(Self.chunks[0], at: Self.chunks[1]) }
    #expect(read.fibers == [1, 2, 3, 4, 5, 6])
    #expect(read.problems.count == 1)
    #expect(read.problems[0].contains("list of chunks is cyclic at 0x200000"))
  }

  @Test func anAbsurdCapacityIsBoundedByWhatIsThere() throws {
    for capacity in [9, 1 << 20, UInt64.max / 64, .max] {
      let read = try problems { $0.set(capacity, at: Self.chunks[0] + 8) }
      #expect(read.fibers == [1, 2, 3, 4, 5, 6])
      #expect(read.problems.count == 1)
      #expect(read.problems[0].contains("claims \(capacity) records"))
    }
  }

  @Test func aChunkThatCannotBeReadKeepsTheOthers() throws {
    let read = try problems { $0.set(0x10, at: Self.chunks[0]) }
    #expect(read.fibers == [4, 5, 6])
    #expect(read.problems.count == 1)
    #expect(read.problems[0].contains("its chunk at 0x10 cannot be read"))
  }

  @Test func damagedRecordsAreCountedOnALineForEachKind() throws {
    let first = Self.chunks[1] + UInt64(FT_CHUNK_HEADER_SIZE) + 128
    let second = Self.chunks[1] + UInt64(FT_CHUNK_HEADER_SIZE) + 256
    let read = try problems {
      $0.set(0x66, at: first)
      $0.set(0x67, at: second)
      $0.set(0x10, at: first + UInt64(FT_RECORD_NAME))
    }
    #expect(read.fibers == [1, 2, 3, 4, 5, 6])
    #expect(
      read.problems == [
        "fiber #1 of the registry in /made/up: its record is damaged: saved sp 0x66 is not on its stack (and so for 1 more)",
        "fiber #1 of the registry in /made/up: its name at 0x10 cannot be read",
      ])
  }

  @Test func limitsBoundLongLists() throws {
    let memory = Self.memory()
    let table = try RegistryTable(at: Self.location, memory: memory, limits: .init(chunks: 1))
    #expect(table.records.map(\.id) == [4, 5, 6])
    #expect(table.problems.first?.description.contains("more than 1 chunks") == true)
  }

  @Test func registriesThatLeadToTheSameTablesShareTheLimits() {
    let memory = Self.memory()
    let locations = [RegistryLocation](repeating: Self.location, count: 100)
    let (tables, problems) = RegistryTable.all(at: locations, memory: memory, limits: .init(chunks: 5))
    #expect(tables.map(\.records.count) == [6, 6, 3])
    #expect(problems.map(\.description).last == "the first 3 fiber registries have too many tables: 97 are not shown")
    #expect(problems.count == 2)
  }

  @Test func randomChangesNeitherTrapNorHang() {
    var generator = SplitMix(state: 4)
    let targets = Self.memory().parts.dropLast(2).map { ($0.address, $0.bytes.count / 8) }
    let values: [UInt64] = [0, 1, 7, 8, .max, .max - 7, 1 << 63, 0x20_0000, 0x30_0000, 0x10_0000, 0x50_0ff0]
    var read = 0
    for _ in 0..<10_000 {
      let memory = Self.memory()
      for _ in 0..<Int.random(in: 1...5, using: &generator) {
        let (address, words) = targets[Int.random(in: 0..<targets.count, using: &generator)]
        let place = address + UInt64(Int.random(in: 0..<words, using: &generator)) * 8
        let random = UInt64.random(in: 0 ... .max, using: &generator)
        let value = Bool.random(using: &generator) ? values.randomElement(using: &generator) ?? 0 : random
        memory.set(
          Bool.random(using: &generator) ? value : (memory.word(at: place) ?? 0) ^ (1 << (random % 64)), at: place)
      }
      guard let table = try? RegistryTable(at: Self.location, memory: memory) else { continue }
      let (registry, problems) = table.snapshot(memory: memory)
      #expect(registry.fibers.count == table.records.count)
      #expect(problems.count <= RecordFaults.Kind.allCases.count)
      #expect(memory.reads < 1000)
      // What a capture would copy of it stays within what is mapped.
      var plan = StackPlan(
        maps: ProcessMaps(parsing: Array("500000-508000 rw-p 00000000 00:00 0\n".utf8)), pageMap: nil)
      for record in table.records { plan.add(record, layout: table.head.layout) }
      let thread = ThreadStack(thread: 1, stackPointer: 0x50_2000, framePointer: .max, home: 0x50_7000)
      plan.add(thread, fibers: FiberStacks([table])) { memory.word(at: $0) }
      #expect(plan.merged().allSatisfy { $0.lowerBound >= 0x50_0000 && $0.upperBound <= 0x50_8000 })
      read += 1
    }
    #expect(read > 3000)
  }
}
