internal import CallFrameInfo
internal import Instructions

/// All frames whose address code of a file stores for switches, found when the first switch is met.
final class Publications {
  /// Functions that may store one are followed, no more than this.
  private static let mostFunctions = 4096

  private let table: CallFrameTable
  private let facts: CodeFacts
  private let reader: CodeReader
  private var all: [Int64: [Publication]]?

  init(table: CallFrameTable, facts: CodeFacts, reader: CodeReader) {
    self.table = table
    self.facts = facts
    self.reader = reader
  }

  /// Those stored in the field that lies so many bytes behind the pointer that leads there.
  func stored(in field: Int64) -> [Publication] {
    if let all { return all[field] ?? [] }
    let found = Dictionary(grouping: collect(), by: \.field)
    all = found
    return found[field] ?? []
  }

  private func collect() -> [Publication] {
    guard var check = FlowCheck(table: table, facts: facts, reader: reader) else { return [] }
    check.collector = PublicationCollector()
    var followed = 0
    for index in table.fdes.indices where mayPublish(index) {
      followed += 1
      if followed > Self.mostFunctions { break }
      _ = check.check(index)
      check.collector?.endFunction()
    }
    return check.collector?.found ?? []
  }

  /// Whether a function stores rsp or rbp in memory that is not found by them, or lays out a stack: takes the address of code that is
  /// entered otherwise than by a call.
  private func mayPublish(_ index: Int) -> Bool {
    var stores = false
    var takesAddress = false
    for instruction in reader.code(of: table.ownAddresses(of: index)).instructions {
      if let store = instruction.storesElsewhere {
        stores = true
        if case .register(let register) = store.value, register == .rsp || register == .rbp { return true }
      }
      if case .move(_, .constant(let number)) = instruction.effect, !takesAddress {
        takesAddress = isEnteredBySwitch(UInt64(bitPattern: number))
      }
      if stores, takesAddress { return true }
    }
    return false
  }

  private func isEnteredBySwitch(_ address: UInt64) -> Bool {
    guard let index = table.index(at: address) else { return false }
    let fde = table.fdes[index]
    var rows = table.rows(of: fde)
    guard let row = try? rows.row(covering: address) else { return false }
    return !RowClaims(row, returnAddressRegister: table.cie(of: fde).returnAddressRegister, .c).isEntry
  }
}

/// Notes publications while functions are followed.
struct PublicationCollector {
  private(set) var found: [Publication] = []
  /// Of the function that is followed, by instruction: a later look knows less, and is right.
  private var ofFunction: [Int: Publication] = [:]
  /// Stored in the block that is followed; control has not left it yet.
  private var waiting: [(index: Int, from: UInt64, field: Int64, word: AbstractValue)] = []
  /// What the block has written elsewhere.
  private var words: [AbstractState.Slot] = []

  mutating func beginBlock() {
    waiting.removeAll(keepingCapacity: true)
    words.removeAll(keepingCapacity: true)
  }

  mutating func endFunction() {
    found += ofFunction.sorted { $0.key < $1.key }.map(\.value)
    ofFunction.removeAll()
  }

  /// Before the instruction of this index, which may be the last of its block.
  mutating func look(at instruction: Instruction, _ index: Int, isLast: Bool, _ state: inout AbstractState) {
    if instruction.stackLoad != nil || instruction.flow != .next { settle(state) }
    defer { if isLast { settle(state) } }
    guard let store = instruction.store, store.size == 8, let field = state.field(of: store.address) else { return }
    let word = state.value(of: store.value)
    let place = state.place(of: store.address)
    if place.isPlace { words.append(AbstractState.Slot(address: place, value: word)) }
    if word.isPlace, word.constant == nil {
      waiting.append((index, instruction.address, field, word))
    }
  }

  /// Control leaves the block, or the stack.
  private mutating func settle(_ state: AbstractState) {
    for item in waiting {
      let around = item.word.isFrameAddress ? [] : words.filter { $0.address.base == item.word.base }
      if !item.word.isFrameAddress, around.isEmpty { continue }
      ofFunction[item.index] = Publication(
        from: item.from, field: item.field, word: item.word, state: state, words: around)
    }
    waiting.removeAll(keepingCapacity: true)
  }
}
