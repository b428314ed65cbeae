package import CallFrameInfo
internal import Instructions

/// Checks instructions against rows: assumes the row before an instruction, applies the instruction, and compares what is then
/// true with the row after it, along every way that control may take.
///
/// What is compared are the values a row recovers, not how it says them: compilers leave rules in force after pops, since the
/// word below rsp still holds the register, and announce them late. What a row does not say and the code makes known (a copy of
/// rsp, a word pushed) is carried along where all ways agree on it, and only ever lost, so that following a function ends.
///
/// What proofs rest on is in `assumptions`. Not safe from several threads at once: each worker has its own.
package struct FlowCheck {
  /// More code than this under one FDE is not followed, in bytes. The largest functions of compilers have less than 2 MiB.
  static let mostBytes: UInt64 = 1 << 24
  /// More blocks than this are not followed: each takes half a KiB.
  static let mostBlocks = 1 << 16
  /// More rows than this of one FDE are not followed: each takes half a KiB.
  static let mostRows = 1 << 16

  let table: CallFrameTable
  let facts: CodeFacts
  let reader: CodeReader
  /// What all functions of the file are taken to follow.
  let fileConvention: Convention
  let jumpTables: JumpTables

  var flow = FunctionFlow()
  var foreign: ForeignRows
  var calls: CallReturns

  /// What functions hand to each other, where stacks are switched; nil while that is not looked at.
  var stacks: StackSwitches?

  // Of the function that is being checked.
  var fde: FDE
  var range: Range<UInt64> = 0..<0
  var judge: Judge
  /// What is taken for true of it until its exits say otherwise.
  var supposition: Supposition
  /// What its exits say.
  var exits = Exits()
  var result = FunctionVerdicts(fde: 0)
  /// Which calls unwind to which landing pads, by address.
  var sites: [CallSites.Site] = []
  /// Where jumps by way of tables lead, by the jump's index: of those that are resolved.
  var switches: [Int: [UInt64]] = [:]
  /// All is known: findings are written down, states stay as they are.
  var isReporting = false
  var hasContradiction = false
  /// States that contradict the row they lead to, for blocks that nothing else may lead to.
  var deferred = BlockQueue<AbstractState>()
  /// States that contradict the row of the landing pad they lead to, with the call.
  var deferredPads = BlockQueue<(call: Int, state: AbstractState)>()
  /// Landing pads whose row every call contradicts.
  var wrongPads: Set<Int> = []
  /// What is true at all indirect jumps that stay in the function.
  var jumpState: AbstractState?
  /// What is true at all those that may as well leave it.
  var leavingState: AbstractState?
  var jumpStateHasChanged = false
  /// Which instructions have which verdict is told, too.
  package var listsAddresses = false
  /// Blocks that only such jumps lead to.
  var jumpHeads: [Int] = []
  /// Blocks before this one have been looked at for ones that nothing leads to; counted twice, once for each pass.
  var unreachedCursor = 0
  /// Where each of `result.partJumps` is.
  var partJumpPlaces: [PartJumpPlace: Int] = [:]
  /// Instructions of unresolved jumps, to count each once.
  var unresolved: Set<Int> = []
  /// Index in `result.findings` of each defect that was met.
  var causes: [FindingCause: Int] = [:]
  /// How often each of `result.findings` was met again.
  var repetitions: [Int] = []

  /// - Parameters:
  ///   - table: the file's FDEs.
  ///   - facts: what else is known of the file's code.
  ///   - reader: decodes it.
  package init?(table: CallFrameTable, facts: CodeFacts, reader: CodeReader) {
    guard let first = table.fdes.first else { return nil }
    self.table = table
    self.facts = facts
    self.reader = reader
    fileConvention = facts.usesGo ? .go : facts.usesSwift ? .swift : .c
    supposition = Supposition(convention: fileConvention)
    foreign = ForeignRows(table: table, convention: fileConvention)
    calls = CallReturns(table: table)
    jumpTables = JumpTables(reader.elf, facts.references)
    fde = first
    judge = Judge(section: table.section(of: first), cie: table.cie(of: first))
  }

  /// Checks the code under the FDE of this index in `CallFrameTable.fdes`.
  ///
  /// Of FDEs that overlap, each is checked up to where the next one of its section starts. O(instructions), but for loops, whose
  /// blocks are followed again while what is known at their start shrinks.
  package mutating func check(_ index: Int) -> FunctionVerdicts {
    begin(index)
    guard !range.isEmpty else {
      result.skipped = fde.addresses.isEmpty ? .noCode : .sameStart
      return result
    }
    guard range.upperBound - range.lowerBound <= Self.mostBytes else {
      result.unknown[.tooLarge] = 1
      result.skipped = .tooLarge
      return result
    }
    result.bytes = range.upperBound - range.lowerBound
    let code = reader.code(of: range)
    if fde.lsda != nil, facts.usesCallSites(judge.cie) != false {
      sites = (try? CallSites(of: fde, cie: judge.cie, in: reader.elf))?.sites ?? []
    }
    resolveSwitches(code)
    suppose(code)
    repeat {
      guard follow(code) else {
        result.unknown[.tooLarge] = flow.instructions.count
        result.skipped = .tooLarge
        return result
      }
    } while reconsider()
    if flow.instructions.isEmpty { result.skipped = .noCode }
    tally()
    return result
  }

  /// Follows the function under `supposition`.
  ///
  /// - Returns: false where it is too large.
  private mutating func follow(_ code: FunctionCode) -> Bool {
    forget()
    flow.begin(code.instructions)
    var rows = table.rows(of: fde)
    let limit = Self.mostRows
    _ = flow.read(
      &rows, returnAddressRegister: judge.cie.returnAddressRegister, supposition.convention, limit: limit)
    if let first = flow.rows.first, !first.isEntry {
      judge.lostAtEntry = first.undefined
    }
    let targets = sites.compactMap(\.landingPad) + switches.values.joined()
    flow.cut(at: facts.labels(in: range), targets: targets, facts)
    guard flow.blocks.count <= Self.mostBlocks, flow.rows.count < limit else { return false }
    if !flow.instructions.isEmpty { followAll() }
    return true
  }

  private mutating func resolveSwitches(_ code: FunctionCode) {
    for index in code.instructions.indices {
      guard case .indirectJump(nil) = code.instructions[index].flow else { continue }
      switches[index] = jumpTables.targets(of: index, in: code)
    }
  }

  private mutating func begin(_ index: Int) {
    fde = table.fdes[index]
    let isEntryPoint = !reader.elf.isLaidOut && reader.elf.header.entry == fde.addresses.lowerBound
    judge = Judge(
      section: table.section(of: fde), cie: table.cie(of: fde),
      outermost: isEntryPoint && fde.addresses.lowerBound != 0 ? .certain : .possible)
    result = FunctionVerdicts(fde: index)
    sites.removeAll(keepingCapacity: true)
    switches.removeAll(keepingCapacity: true)
    range = table.ownAddresses(of: index)
  }

  /// Forgets what following the function under another supposition has brought.
  private mutating func forget() {
    let bytes = result.bytes
    result = FunctionVerdicts(fde: result.fde)
    result.bytes = bytes
    exits = Exits()
    isReporting = false
    hasContradiction = false
    deferred.removeAll()
    deferredPads.removeAll()
    wrongPads.removeAll(keepingCapacity: true)
    jumpState = nil
    leavingState = nil
    jumpStateHasChanged = false
    unreachedCursor = 0
    jumpHeads.removeAll(keepingCapacity: true)
    partJumpPlaces.removeAll(keepingCapacity: true)
    unresolved.removeAll(keepingCapacity: true)
    causes.removeAll(keepingCapacity: true)
    repetitions.removeAll(keepingCapacity: true)
  }

  /// Counts verdicts.
  private mutating func tally() {
    for block in flow.blocks {
      if flow.verdicts.indices.contains(Int(block.start)), block.isReached || block.verdict != .uncounted {
        flow.verdicts[Int(block.start)] = block.verdict
      }
    }
    if listsAddresses { result.addresses = VerdictAddresses() }
    for (index, verdict) in flow.verdicts.enumerated() {
      let address = flow.instructions[index].address
      switch verdict {
      case .proved:
        result.proved += 1
        result.addresses?.proved.append(address)
      case .conditional:
        result.conditionals[flow.entries[index], default: 0] += 1
        result.addresses?.conditionals[flow.entries[index], default: []].append(address)
      case .refuted: result.refuted += 1
      default:
        guard let reason = verdict.reason ?? (flow.instructions[index].isFiller ? nil : .unreached) else { continue }
        result.unknown[reason, default: 0] += 1
        result.addresses?.unknown[address] = reason
      }
    }
    result.isRoot =
      !flow.rows.isEmpty && flow.rows.allSatisfy(\.isOutermost) && flow.instructions.allSatisfy(\.isFiller)
      && result.unknown.keys.allSatisfy { $0 == .outermost || $0 == .follows }
    result.unresolvedJumps = unresolved.count
    for (index, count) in repetitions.enumerated() where count > 0 {
      result.findings[index].explanation += " (and so in \(count) more \(count == 1 ? "place" : "places"))"
    }
    result.findings.sort { ($0.address ?? 0, $0.rule.id) < ($1.address ?? 0, $1.rule.id) }
  }
}

/// A jump, by its instruction and where it leads.
struct PartJumpPlace: Hashable {
  let from: UInt64
  let to: UInt64
}

extension CallFrameTable {
  /// How many FDEs of the same start are looked at to find the next one.
  private static let mostOverlaps = 64

  /// The addresses that the FDE of this index is alone to describe in its section: up to where the next one starts. Empty where
  /// another of the same start comes behind it in the file.
  package func ownAddresses(of index: Int) -> Range<UInt64> {
    let fde = fdes[index]
    var next = index + 1
    while next < fdes.count, next - index <= Self.mostOverlaps {
      let other = fdes[next]
      if other.sectionIndex == fde.sectionIndex, !other.addresses.isEmpty {
        if other.addresses.lowerBound == fde.addresses.lowerBound {
          return fde.addresses.lowerBound..<fde.addresses.lowerBound
        }
        return fde.addresses.lowerBound..<Swift.min(fde.addresses.upperBound, other.addresses.lowerBound)
      }
      next += 1
    }
    // A damaged file: nothing of it is checked twice.
    return next < fdes.count ? fde.addresses.lowerBound..<fde.addresses.lowerBound : fde.addresses
  }
}
