import Testing

@testable import FiberInspection

/// Walks over memory made by hand, without any module: by frame pointer. Rows walk as libdw does.
@Suite struct LibdwUnwinderTests {
  private static let code: UInt64 = 0x10_0000
  private static let stack: UInt64 = 0x20_0000

  /// Frames of 32 bytes: saved rbp and return address at the end of each.
  private func chain(_ count: Int) -> [UInt64: UInt64] {
    var words: [UInt64: UInt64] = [:]
    for index in 0..<UInt64(count) {
      let frame = Self.stack + index * 32 + 16
      words[frame] = frame + 32
      words[frame + 8] = Self.code + index * 16 + 8
    }
    return words
  }

  private func walk(
    _ words: [UInt64: UInt64], pc: UInt64 = code, sp: UInt64 = stack, fp: UInt64 = stack + 16, limit: Int = 100
  ) throws -> Walk {
    let mappings = [
      Mapping(range: Self.code..<Self.code + 0x1000, fileOffset: 0, path: "", isWritable: false, isExecutable: true)
    ]
    let snapshot = Snapshot(
      source: .core(path: "none"), processID: nil, command: "none", threads: [], mappings: mappings, modules: [],
      registries: [], memory: Words(words), problems: [])
    var unwinder = LibdwUnwinder(session: try LibdwSession(snapshot), mappings: mappings)
    let registers = Registers(programCounter: pc, framePointer: fp, stackPointer: sp)
    let first = unwinder.walk(from: registers, limit: limit)
    // What a walk finds depends on nothing but the snapshot.
    #expect(unwinder.walk(from: registers, limit: limit).frames == first.frames)
    var rows = RowUnwinder(snapshot)
    let other = rows.walk(from: registers, limit: limit)
    #expect(other.frames == first.frames)
    // Each words its reasons itself.
    #expect(other.end == first.end || other.failure != nil && first.failure != nil, "\(other.end), \(first.end)")
    return first
  }

  @Test func framesWithoutUnwindInformationAreFoundByFramePointerAndSaySo() throws {
    let walk = try walk(chain(3))
    #expect(
      walk.frames.map(\.programCounter) == [
        .exact(Self.code), .returnAddress(Self.code + 8), .returnAddress(Self.code + 24),
        .returnAddress(Self.code + 40),
      ])
    #expect(walk.frames.map(\.found) == [.cfi, .fp, .fp, .fp])
    #expect(walk.frames.map(\.stackPointer) == [0, 32, 64, 96].map { Self.stack + $0 })
  }

  @Test func aWalkThatLeavesTheSnapshotSaysWhere() throws {
    guard case .failed(let reason) = try walk(chain(3)).end else {
      Issue.record("the fourth frame's record is not in memory")
      return
    }
    #expect(reason.contains("0x200078"))
    #expect(reason.contains("not in the snapshot"))
  }

  @Test func theLimitHoldsAndIsToldFromTheEnd() throws {
    let walk = try walk(chain(50), limit: 10)
    #expect(walk.frames.count == 10)
    #expect(walk.end == .limit)
  }

  @Test func framePointersThatGoBackEndTheWalk() throws {
    var words = chain(5)
    words[Self.stack + 3 * 32 + 16] = Self.stack + 16
    let walk = try walk(words)
    #expect(walk.frames.count <= 6)
    #expect(walk.end != .outermost && walk.end != .limit)
  }

  @Test func aReturnAddressThatIsNoCodeEndsTheWalkAfterShowingIt() throws {
    var words = chain(5)
    words[Self.stack + 2 * 32 + 24] = 0x4141_4141_4141_4141
    let walk = try walk(words)
    #expect(walk.frames.last?.programCounter == .returnAddress(0x4141_4141_4141_4141))
    guard case .failed(let reason) = walk.end else {
      Issue.record("garbage is no end")
      return
    }
    #expect(reason.contains("0x4141414141414141 is not code"))
  }

  @Test(arguments: [0, 0x7777 as UInt64])
  func aCallThroughABadPointerIsLeftByTheTopOfTheStack(_ pc: UInt64) throws {
    var words = chain(2)
    words[Self.stack - 8] = Self.code + 0x100
    let walk = try walk(words, pc: pc, sp: Self.stack - 8)
    #expect(
      walk.frames.map(\.programCounter) == [
        .exact(pc), .returnAddress(Self.code + 0x100), .returnAddress(Self.code + 8), .returnAddress(Self.code + 24),
      ])
    #expect(walk.frames[1].found == .top)
    #expect(walk.frames[1].stackPointer == Self.stack)
  }

  /// libdw 0.188 aborts on DW_OP_deref_size in a CFA, which rows evaluate.
  @Test func whatLibdwCannotEvaluateEndsItsWalk() throws {
    let rows = try RowsModule()
    let snapshot = try rows.snapshot([Self.stack + 24: try rows.caller("last")])
    var unwinder = LibdwUnwinder(session: try LibdwSession(snapshot), mappings: snapshot.mappings)
    let walk = unwinder.walk(from: RowsModule.registers(pc: try rows.address("sized"), [:]), limit: 10)
    #expect(walk.frames.count == 1 && walk.failure?.contains("DW_OP_deref_size") == true)
  }

  @Test(arguments: [0, 1, .max, .max - 7, 0x7fff_ffff_ffff_fff8 as UInt64])
  func absurdRegistersEndAtOnce(_ value: UInt64) throws {
    let walk = try walk([:], pc: value, sp: value, fp: value)
    #expect(walk.frames.count == 1)
    #expect(walk.end != .outermost)
  }
}
