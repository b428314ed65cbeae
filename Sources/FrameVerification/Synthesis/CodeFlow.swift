package import CallFrameInfo
internal import Instructions

/// Follows a function's code from what the ABI says of its entry, without rows, to what is known before each instruction.
///
/// The rules are those of `FlowCheck` but for one: no row arbitrates where ways disagree. What is behind a call that may not return
/// is therefore followed last, and left out where it contradicts the other ways to the same place (`dropped`).
///
/// Not safe from several threads at once: each worker has its own.
package struct CodeFlow {
  /// More code than this of one function is not followed, in bytes: what is known takes half a KiB before each instruction.
  static let mostBytes: UInt64 = 1 << 20
  /// How often a function is followed again since another part of it was found.
  private static let mostRounds = 8

  let table: CallFrameTable
  let facts: CodeFacts
  let reader: CodeReader
  let convention: Convention
  let jumpTables: JumpTables
  /// The addresses of the function around an address that no FDE covers, nil where none is known.
  private let extent: (UInt64) -> Range<UInt64>?
  var calls: CallReturns

  // Of the function that is being followed.
  var flow = FunctionFlow()
  /// The file's own rows, for comparison and for what they say of pushed arguments.
  var file = FunctionFlow()
  /// The function's addresses, ascending and apart from each other.
  var ranges: [Range<UInt64>] = []
  /// Where it is entered.
  var head: UInt64 = 0
  var sites: [CallSites.Site] = []
  /// Where jumps by way of tables lead, by the jump's index: of those that are resolved.
  var switches: [Int: [UInt64]] = [:]
  /// Ways behind calls: to blocks that nothing jumps to, to others, and to those of them that nothing led to yet.
  var returns = BlockQueue<Return>()
  var joiningReturns = BlockQueue<Return>()
  var lastReturns = BlockQueue<Return>()
  /// Calls that are taken to return.
  var returning: Set<Int> = []
  /// Calls that are taken not to return, since behind them control would come to what other ways contradict: by index.
  var dropped: Set<Int> = []
  /// What is true at all indirect jumps that stay in the function.
  var jumpState: AbstractState?
  /// What is true at all those that may as well leave it, and these.
  var leavingState: AbstractState?
  var leaving: Set<Int> = []
  /// One of the two has.
  var jumpStateHasChanged = false
  /// Blocks that only such jumps may lead to.
  var jumpHeads: [Int] = []
  var unreachedCursor = 0
  /// Instructions of unresolved jumps.
  var unresolved: Set<Int> = []
  /// Addresses outside `ranges` to which control goes with a frame.
  var wanted: Set<UInt64> = []

  /// A way behind a call to the start of a block.
  struct Return: Sendable {
    let call: Int
    var state: AbstractState
  }

  /// - Parameters:
  ///   - table: the file's FDEs.
  ///   - facts: what else is known of the file's code.
  ///   - reader: decodes it.
  ///   - extent: the addresses of the function around an address that no FDE covers.
  package init(
    table: CallFrameTable, facts: CodeFacts, reader: CodeReader, extent: @escaping (UInt64) -> Range<UInt64>?
  ) {
    self.table = table
    self.facts = facts
    self.reader = reader
    self.extent = extent
    convention = facts.usesGo ? .go : facts.usesSwift ? .swift : .c
    calls = CallReturns(table: table)
    jumpTables = JumpTables(reader.elf, facts.references)
  }

  /// Follows the function that is entered at `head`.
  ///
  /// - Parameter parts: its addresses; parts that control goes to with a frame are added.
  /// - Returns: false if it is too large.
  mutating func follow(from head: UInt64, in parts: [Range<UInt64>]) -> Bool {
    self.head = head
    ranges = Self.merged(parts)
    for _ in 0..<Self.mostRounds {
      guard begin() else { return false }
      followAll()
      let more = wanted.compactMap { part(at: $0) }
      guard !more.isEmpty else { break }
      ranges = Self.merged(ranges + more)
    }
    return true
  }

  /// The code around `address` that belongs together: of its FDE or, without one, of its function.
  func part(at address: UInt64) -> Range<UInt64>? {
    if let index = table.index(at: address) {
      let own = table.ownAddresses(of: index)
      return own.contains(address) ? own : nil
    }
    return extent(address).flatMap { $0.contains(address) ? $0 : nil }
  }

  private static func merged(_ ranges: [Range<UInt64>]) -> [Range<UInt64>] {
    var result: [Range<UInt64>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where !range.isEmpty {
      if let last = result.last, range.lowerBound < last.upperBound {
        result[result.count - 1] = last.lowerBound..<Swift.max(last.upperBound, range.upperBound)
      } else {
        result.append(range)
      }
    }
    return result
  }

  /// Whether an address belongs to the function.
  func contains(_ address: UInt64) -> Bool { ranges.contains { $0.contains(address) } }

  private mutating func begin() -> Bool {
    guard ranges.reduce(0, { $0 + ($1.upperBound - $1.lowerBound) }) <= Self.mostBytes else { return false }
    sites.removeAll(keepingCapacity: true)
    switches.removeAll(keepingCapacity: true)
    returns.removeAll()
    joiningReturns.removeAll()
    lastReturns.removeAll()
    returning.removeAll()
    dropped.removeAll()
    jumpState = nil
    leavingState = nil
    leaving.removeAll()
    jumpStateHasChanged = false
    jumpHeads.removeAll()
    unreachedCursor = 0
    unresolved.removeAll()
    wanted.removeAll()
    var instructions: [Instruction] = []
    var labels: [UInt64] = []
    for range in ranges {
      let code = reader.code(of: range)
      for index in code.instructions.indices {
        guard case .indirectJump(nil) = code.instructions[index].flow else { continue }
        switches[instructions.count + index] = jumpTables.targets(of: index, in: code)
      }
      instructions += code.instructions
      labels += facts.labels(in: range) + Self.behindPadding(code.instructions)
    }
    flow.begin(instructions)
    file.begin(instructions)
    for range in ranges { readRecords(in: range) }
    sites.sort { $0.addresses.lowerBound < $1.addresses.lowerBound }
    let targets = sites.compactMap(\.landingPad) + switches.values.joined() + [head]
    flow.cut(at: labels, targets: targets, facts)
    return flow.blocks.count <= FlowCheck.mostBlocks
  }

  /// Where padding behind jumps ends: what leads there does not lead through it. O(instructions).
  private static func behindPadding(_ instructions: [Instruction]) -> [UInt64] {
    var isPadding = false
    var found: [UInt64] = []
    for instruction in instructions {
      if isPadding, !instruction.isFiller { found.append(instruction.address) }
      isPadding = instruction.endsFlow || isPadding && instruction.isFiller
    }
    return found
  }

  /// Takes the file's own rows and landing pads in a range.
  private mutating func readRecords(in range: Range<UInt64>) {
    var address = range.lowerBound
    while address < range.upperBound, let index = table.index(at: address) {
      let fde = table.fdes[index]
      let cie = table.cie(of: fde)
      var rows = table.rows(of: fde)
      _ = file.read(
        &rows, returnAddressRegister: cie.returnAddressRegister, convention, limit: FlowCheck.mostRows)
      if fde.lsda != nil, facts.usesCallSites(cie) != false {
        sites += (try? CallSites(of: fde, cie: cie, in: reader.elf))?.sites ?? []
      }
      address = fde.addresses.upperBound
    }
  }
}
