internal import CallFrameInfo
internal import Instructions

extension FlowCheck {
  /// Functions that lay out stacks or switch them are looked at up to this number.
  private static let mostSwitching = 1 << 12

  /// Checks again the functions that switch stacks, with what functions of the file hand to each other.
  ///
  /// Behind a load of a stack pointer the frame is another one. Which one? One whose address some function of the file stored
  /// where the load finds it. What was true there when that function gave control away is true behind the load, of registers
  /// nothing but the one that was loaded. The row behind has to fit all that may be meant.
  ///
  /// - Parameter verdicts: of all FDEs of the file, before `PartLinks.resolve`.
  package mutating func followSwitches(_ verdicts: inout [FunctionVerdicts]) {
    let loads = Set(verdicts.lazy.flatMap(\.stackLoads))
    guard !loads.isEmpty else { return }
    var places: [Int: Int] = [:]
    for (place, verdict) in verdicts.enumerated() { places[verdict.fde] = place }
    let switching = verdicts.filter { !$0.stackLoads.isEmpty }.map(\.fde)
    let layingOut = layingOut(verdicts)
    guard switching.count + layingOut.count <= Self.mostSwitching else { return }
    let stacks = StackSwitches(loads: loads)
    self.stacks = stacks
    defer { self.stacks = nil }
    var harvests = switching.map { harvest($0, isLayingOut: false, stacks) }
    harvests += layingOut.map { harvest($0, isLayingOut: true, stacks) }
    guard !harvests.contains(where: \.isIncomplete) else { return }
    let facts = HandOverFacts(harvests)
    var hands = HandOvers(facts, table: table, foreign: foreign, words: DataWords(reader.elf))
    hands.resolve(stacks)
    foreign = hands.foreign
    // Ways from one FDE to another are listed with the one they come from, whichever is checked first.
    let concerned = Set(switching).union(stacks.returns.keys).union(stacks.refutations.keys).sorted()
    for fde in concerned { if let place = places[fde] { verdicts[place] = check(fde) } }
    for landing in Array(stacks.landings.values) + stacks.returns.values.joined() {
      guard let target = table.index(at: landing.address) else { continue }
      for way in landing.ways {
        guard let place = places[way.fde] else { continue }
        let fit: PartJump.Fit =
          way.standing == .proved ? .proved : way.standing == .conditional ? .conditional : .fits
        let jump = PartJump(
          from: way.address, to: landing.address, fde: target, fit: fit, entries: way.entries)
        if !verdicts[place].partJumps.contains(jump) { verdicts[place].partJumps.append(jump) }
      }
    }
  }

  /// FDEs whose code has the address of code of another that no call enters, by its row. O(instructions of the file).
  private mutating func layingOut(_ verdicts: [FunctionVerdicts]) -> [Int] {
    var found: [Int] = []
    for verdict in verdicts where verdict.stackLoads.isEmpty {
      let range = table.ownAddresses(of: verdict.fde)
      for instruction in reader.code(of: range).instructions {
        guard case .move(_, .constant(let number)) = instruction.effect, number > 0 else { continue }
        let address = UInt64(number)
        guard !range.contains(address), let other = table.index(at: address),
          let row = foreign.row(at: address, fde: other), !row.isCalled
        else { continue }
        found.append(verdict.fde)
        break
      }
    }
    return found
  }
}
