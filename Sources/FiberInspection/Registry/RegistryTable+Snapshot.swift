internal import CFiberAsm

extension RegistryTable {
  /// The registry with all that its records point to, and what of that is missing or wrong, beside the table's own problems.
  func snapshot(memory: any MemoryReader) -> (registry: RegistrySnapshot, problems: [Problem]) {
    var faults = RecordFaults(modulePath: location.modulePath)
    // Wait reasons are few and shared.
    var strings: [UInt64: String?] = [:]
    func string(_ address: UInt64) -> String?? {
      if let known = strings[address] { return known }
      let text = memory.string(at: address)
      strings[address] = .some(text)
      return text
    }
    func text(_ address: UInt64, _ what: RecordFaults.Kind, of id: UInt64) -> String? {
      guard address != 0 else { return nil }
      guard let text = string(address) ?? nil else {
        faults.add(what, id: id, at: address)
        return nil
      }
      return text
    }

    let fibers = records.map { record -> FiberSnapshot in
      let top = record.top(head.layout)
      var high = top
      var link: UInt64?
      if record.base <= record.low || record.base % 8 != 0 {
        faults.add(.stack, id: record.id, at: record.base)
      } else {
        if !record.isOnThread, !(record.low...record.base).contains(record.stackPointer) {
          faults.add(.stackPointer, id: record.id, at: record.stackPointer)
        }
        if head.layout.hasLink {
          link = memory.word(at: record.base)
          if link == nil { faults.add(.baseWords, id: record.id, at: record.base) }
          let end = memory.word(at: record.base.saturatingAdding(UInt64(FT_BASE_HIGH)))
          // Colour and alignment take less than two pages.
          if let end, end >= top, end - top <= 8192 { high = end }
        }
      }
      return FiberSnapshot(
        id: record.id, name: text(record.name, .name, of: record.id),
        waitReason: text(record.wait, .waitReason, of: record.id), savedStackPointer: record.stackPointer,
        base: record.base, low: record.low, high: high, count: record.count, isFinished: record.isFinished,
        isAbandoned: record.isAbandoned,
        creator: record.creator, link: link)
    }
    let registry = RegistrySnapshot(
      address: location.address, modulePath: location.modulePath, runtime: head.runtime, layout: head.layout,
      fibers: fibers)
    return (registry, faults.problems)
  }
}

/// Faults of single records: one line for each kind, naming the first fiber and counting the others.
struct RecordFaults {
  enum Kind: CaseIterable {
    case stack, stackPointer, baseWords, name, waitReason
  }

  private let modulePath: String
  private var found: [Kind: (id: UInt64, address: UInt64, count: Int)] = [:]

  init(modulePath: String) { self.modulePath = modulePath }

  mutating func add(_ kind: Kind, id: UInt64, at address: UInt64) {
    found[kind, default: (id, address, 0)].count += 1
  }

  var problems: [Problem] {
    Kind.allCases.compactMap { kind in
      guard let (id, address, count) = found[kind] else { return nil }
      let others = count > 1 ? " (and so for \(count - 1) more)" : ""
      let place = hexadecimal(address)
      let text =
        switch kind {
        case .stack: "its record is damaged: base \(place) is not above the low end of its stack, or not aligned"
        case .stackPointer: "its record is damaged: saved sp \(place) is not on its stack"
        case .baseWords: "the top of its stack at \(place) cannot be read"
        case .name: "its name at \(place) cannot be read"
        case .waitReason: "its wait reason at \(place) cannot be read"
        }
      return Problem("fiber #\(id) of the registry in \(modulePath): \(text)\(others)")
    }
  }
}
