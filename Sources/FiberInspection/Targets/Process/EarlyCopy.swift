/// Stacks of suspended fibers, copied while the process runs, so that it need not stand still for them.
///
/// A record's `identity` and `count` are the epoch of its stack: equal before the copy and while the process stands still, and
/// `count` even, say that nobody ran on the stack meanwhile (FiberTraceRegistry.h). Saved sp and base are compared as well,
/// since a record may be read half way through a switch. Strings that records point to do not change while they do.
struct EarlyCopy {
  /// Most that is copied early, in bytes: what turns out to be out of date is copied again.
  static let limit = StackPlan.totalLimit / 2

  let memory: CopiedMemory
  private let program: ProgramInstance
  private let tables: [RegistryTable]
  /// For each record of each table: its live stack was copied whole.
  private let isWhole: [[Bool]]

  /// Copies what `registries` say is suspended; nil if the process does not let itself be read, which will tell when it is
  /// stopped.
  init?(maps: ProcessMaps, registries: [RegistryLocation], thread: Int32) {
    let memory = ProcessMemory(thread: thread)
    guard !registries.isEmpty, let program = ProgramInstance(memory: memory) else { return nil }
    self.program = program
    tables = RegistryTable.all(at: registries, memory: memory).tables
    var plan = StackPlan(maps: maps, pageMap: try? PageMap(thread: thread), limit: Self.limit)
    for table in tables {
      for record in table.records where !record.isOnThread { plan.add(record, layout: table.head.layout) }
    }
    guard let copied = try? memory.copy(plan.merged()) else { return nil }
    self.memory = copied
    isWhole = tables.map { table in
      table.records.map { record in
        guard !record.isOnThread, let live = StackPlan.live(record, table.head.layout) else { return false }
        return copied.holds(live)
      }
    }
  }

  /// For each record of each of `current`, read while the process stands still: its stack was copied and has not changed. O(n).
  func holding(_ current: [RegistryTable], of process: ProcessMemory) -> [[Bool]] {
    let isSame = ProgramInstance(memory: process) == program
    return current.map { table in
      guard isSame,
        let known = tables.firstIndex(where: {
          $0.location.address == table.location.address && $0.head.layout == table.head.layout
        })
      else { return [Bool](repeating: false, count: table.records.count) }
      let records = tables[known].records
      var index = 0
      return table.records.map { record in
        while index < records.count, records[index].isBefore(record) { index += 1 }
        return index < records.count && records[index] == record && isWhole[known][index]
      }
    }
  }
}
