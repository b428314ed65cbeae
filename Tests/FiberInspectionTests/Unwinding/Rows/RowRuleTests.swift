import Testing

@testable import FiberInspection

/// Each kind of rule, on stacks made by hand. The rows are quoted in Programs/rows.s.
@Suite struct RowRuleTests {
  private let rows: RowsModule
  private static let place = RowsModule.place

  init() throws { rows = try RowsModule() }

  /// From a function with CFA = rsp + 32 to `by_rbx`, whose frame begins where the rbx says that the function's rule gives it, to
  /// `last`, which has no caller.
  private func rbx(after function: String, _ registers: [Int: UInt64], _ words: [Int: UInt64] = [:]) throws -> UInt64? {
    var memory: [UInt64: UInt64] = [Self.place(24): try rows.caller("by_rbx")]
    for (offset, value) in words { memory[Self.place(offset)] = value }
    // Wherever rbx points to, there is a frame.
    let candidates = [0x100, 0x200, 0x300].map(Self.place)
    for candidate in candidates { memory[candidate + 8] = try rows.caller("last") }
    let walk = try rows.walk(from: function, registers, memory)
    guard walk.frames.count == 3 else {
      #expect(walk.frames.count == 2)
      return nil
    }
    #expect(walk.end == .outermost)
    #expect(walk.frames.allSatisfy { $0.found == .cfi && !$0.restsOnScan })
    #expect(walk.frames[1].stackPointer == Self.place(32))
    return walk.frames[2].stackPointer.map { $0 - 16 }
  }

  @Test func aRegisterIsFoundInEveryWayThatARuleCanTell() throws {
    let (near, far) = (Self.place(0x100), Self.place(0x200))
    #expect(try rbx(after: "kept", [3: near]) == near)
    #expect(try rbx(after: "unsaid", [3: near]) == near)
    #expect(try rbx(after: "lost", [3: near]) == nil)
    #expect(try rbx(after: "saved", [3: near], [8: far]) == far)
    #expect(try rbx(after: "saved", [3: near]) == nil)
    #expect(try rbx(after: "computed", [7: Self.place(0)], [-16 + 8: try rows.caller("last")]) == Self.place(-16))
    #expect(try rbx(after: "moved", [3: near, 12: far]) == far)
    #expect(try rbx(after: "saved_elsewhere", [12: Self.place(0x40)], [0x50: far]) == far)
    #expect(try rbx(after: "saved_far", [12: Self.place(0x40)], [0x58: far]) == far)
    #expect(try rbx(after: "expressed", [:], [56 + 8: try rows.caller("last")]) == Self.place(32 + 24))
  }

  /// Code on the inner stack has had the registers since: only what a rule reads from memory belongs to the stack beyond.
  @Test func beyondABaseRegistersAreWhatItsRulesFindInMemory() throws {
    let far = Self.place(0x200)
    for (function, rbx) in [("saved", far), ("unsaid", nil), ("kept", nil), ("moved", nil)] as [(String, UInt64?)] {
      let words = [Self.place(24): try rows.caller("kept"), Self.place(8): far]
      var unwinder = RowUnwinder(try rows.snapshot(words))
      let start = RowsModule.registers(pc: try rows.address(function), [3: Self.place(0x100), 12: Self.place(0x300)])
      let beyond = try #require(unwinder.registers(beyond: [0], from: start).first ?? nil, "\(function)")
      #expect(beyond.programCounter == (try rows.caller("kept")) && beyond.stackPointer == Self.place(32))
      #expect(beyond.values[3] == rbx, "\(function)")
      #expect(beyond.values[12] == nil && beyond.values[13] == nil)
    }
  }

  @Test func theReturnAddressIsFoundWhereItsRuleSays() throws {
    let last = try rows.caller("last")
    let inRegister = try rows.walk(from: "returns_by_rcx", [2: last], [:])
    #expect(inRegister.addresses.last == last && inRegister.end == .outermost)
    #expect(inRegister.frames[1].stackPointer == Self.place(32))
    let elsewhere = try rows.walk(from: "returns_by_expression", [:], [Self.place(8): last])
    #expect(elsewhere.addresses.last == last && elsewhere.end == .outermost)
  }

  @Test func rspIsTheCFAUnlessARuleSaysOtherwise() throws {
    let walk = try rows.walk(from: "moves_rsp", [:], [Self.place(24): try rows.caller("last")])
    #expect(walk.frames[1].stackPointer == Self.place(32 + 64))
    for (function, place) in [("keeps_rsp", Self.place(0)), ("loses_rsp", nil)] {
      let walk = try rows.walk(from: function, [:], [Self.place(24): try rows.caller("last")])
      #expect(walk.frames.count == 2 && walk.frames[1].stackPointer == place, "\(function)")
    }
  }

  @Test func moreRegistersThanASmallStepHoldsAreAllRecovered() throws {
    let walk = try rows.walk(
      from: "many", [:],
      [
        Self.place(24): try rows.caller("by_rbx"), Self.place(16): Self.place(0x100), Self.place(8): 77,
        Self.place(0x108): try rows.caller("last"),
      ])
    #expect(walk.end == .outermost && walk.frames.count == 3)
    #expect(walk.frames.map(\.framePointer) == [0, 77, 77])
  }

  @Test(arguments: [("realigned", 0), ("realigned_far", 24), ("sized", 0)])
  func framesThatBeginWhereMemorySaysAreFollowed(_ function: String, _ addend: UInt64) throws {
    let frame = Self.place(0x80)
    let cfa = Self.place(0x200)
    let walk = try rows.walk(
      from: function, [6: frame],
      [frame - 8: cfa - addend, frame: 99, cfa - 8: try rows.caller("last")])
    #expect(walk.end == .outermost && walk.frames.count == 2)
    #expect(walk.frames.last?.stackPointer == cfa)
    #expect(walk.frames.last?.framePointer == (function == "sized" ? frame : 99))
  }

  @Test func anExpressionReadsThePCOfItsFrame() throws {
    // (rip & 15) >= 0 holds: the CFA is rsp + 16.
    let walk = try rows.walk(from: "plt", [:], [Self.place(8): try rows.caller("last")])
    #expect(walk.end == .outermost && walk.frames.last?.stackPointer == Self.place(16))
  }

  /// What a signal interrupted has an exact pc: the row is that of the instruction itself, not of the one before.
  @Test func aSignalFrameLeadsToWhatItInterrupted() throws {
    // last is interrupted at its very start, where the byte before belongs to another function.
    let interrupted = try rows.address("last")
    let walk = try rows.walk(
      from: "kept", [:],
      [
        Self.place(24): try rows.address("trampoline"), Self.place(32 + 160): Self.place(0x300),
        Self.place(32 + 120): 55, Self.place(32 + 168): interrupted,
      ])
    #expect(
      walk.frames.map(\.programCounter) == [
        .exact(try rows.address("kept")), .exact(try rows.address("trampoline")), .exact(interrupted),
      ])
    #expect(walk.frames.last?.stackPointer == Self.place(0x300) && walk.frames.last?.framePointer == 55)
    #expect(walk.end == .outermost)
  }

  @Test func whatIsNotInTheSnapshotIsNamed() throws {
    #expect(try rows.walk(from: "kept", [:], [:]).failure?.contains("0x70000018, which is not in the snapshot") == true)
    let frame = Self.place(0x80)
    #expect(
      try rows.walk(from: "realigned", [6: frame], [:]).failure?.contains("0x70000078, which is not in the snapshot")
        == true)
    #expect(try rows.walk(from: "returns_by_expression", [:], [:]).failure?.contains("0x70000008") == true)
  }

  @Test func hostileRowsEndTheWalkWithAReason() throws {
    let own = try rows.caller("stays")
    let stays = try rows.walk(from: "stays", [:], [Self.place(-8): own])
    #expect(stays.end == .cycle)
    #expect(stays.frames.count == 2)
    #expect(try rows.walk(from: "spins", [:], [:]).failure?.contains("more than 65536 operations") == true)
    #expect(try rows.walk(from: "grows", [:], [:]).failure?.contains("more than 1024 values on the stack") == true)
    #expect(try rows.walk(from: "names", [:], [:]).failure?.contains("DW_OP_reg7") == true)
    #expect(try rows.walk(from: "by_xmm", [:], [:]).failure?.contains("register 17") == true)
    #expect(try rows.walk(from: "unbalanced", [:], [:]).failure?.contains("rows.so: .eh_frame+0x") == true)
    #expect(try rows.walk(from: "same_return", [:], [:]).failure?.contains("where the return address is") == true)
    #expect(try rows.walk(from: "by_rbx", [3: .max - 15], [:]).failure?.contains("not in the snapshot") == true)
  }

  @Test func aWalkOfFramesThatNeverEndStopsAtTheLimit() throws {
    // CFA = rsp + 16 for ever, through a stack of nothing but return addresses.
    let own = try rows.caller("kept")
    let words = Dictionary(uniqueKeysWithValues: (0..<5000).map { (Self.place($0 * 8), own) })
    let walk = try rows.walk(from: "kept", [:], words, limit: 1000)
    #expect(walk.frames.count == 1000 && walk.end == .limit)
    #expect(try rows.walk(from: "kept", [:], words, limit: 100_000).failure?.contains("not in the snapshot") == true)
  }

  @Test func expressionsOfAllFramesTogetherAreBounded() throws {
    // Two operations a frame.
    var words: [UInt64: UInt64] = [:]
    for frame in 0..<20 { words[Self.place(32 * frame + 8)] = try rows.caller("returns_by_expression") }
    let snapshot = try rows.snapshot(words)
    let start = try RowsModule.registers(pc: rows.address("returns_by_expression"), [:])
    var unwinder = RowUnwinder(snapshot, operationLimit: 31)
    let walk = unwinder.walk(from: start, limit: 100)
    #expect(walk.frames.count == 16)
    #expect(walk.failure?.contains("too many operations altogether") == true)
    #expect(unwinder.walk(from: start, limit: 100).frames.count == 1)
    var other = RowUnwinder(snapshot)
    #expect(other.walk(from: start, limit: 100).frames.count == 21)
  }

  @Test func instructionsOfAllLookupsTogetherAreBounded() throws {
    let words = [Self.place(24): try rows.caller("saved"), Self.place(56): try rows.caller("last")]
    let snapshot = try rows.snapshot(words)
    let start = try RowsModule.registers(pc: rows.address("kept"), [:])
    var unwinder = RowUnwinder(snapshot, instructionLimit: 20)
    let walk = unwinder.walk(from: start, limit: 100)
    #expect(walk.frames.count == 2)
    #expect(walk.failure?.contains("too many instructions altogether") == true)
    var other = RowUnwinder(snapshot)
    #expect(other.walk(from: start, limit: 100).end == .outermost)
  }
}
