import FiberInspection
import Testing

@testable import ExecutionVerification

/// Knows no memory.
private struct NoMemory: MemoryReader {
  func read(at address: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int { 0 }
}

private func walked(_ frames: [(pc: UInt64, sp: UInt64)], _ end: Walk.End = .limit) -> WalkedCallers {
  let all = [(pc: 0x10, sp: 0x100 as UInt64)] + frames
  return WalkedCallers(
    Walk(
      frames: all.map {
        WalkedFrame(programCounter: .returnAddress($0.pc), stackPointer: $0.sp, framePointer: nil, found: .cfi)
      }, end: end), rowsAlone: true)
}

/// Calls that were seen, the innermost first, on a stack that stepping began on in the middle.
private func truth(_ frames: [(pc: UInt64, sp: UInt64)]) -> TrueCallers {
  let stack = ShadowStack()
  stack.frames = frames.reversed().map {
    ShadowFrame(cfa: $0.sp, returnAddress: $0.pc, saved: InlineArray(repeating: 0))
  }
  return TrueCallers(of: stack, limit: 100)
}

@Suite("Who is wrong where unwinders differ")
struct AgreementJudgeTests {
  private let right: [(pc: UInt64, sp: UInt64)] = [(0x20, 0x200), (0x30, 0x300)]
  private let wrong: [(pc: UInt64, sp: UInt64)] = [(0x20, 0x200), (0x30, 0x308)]

  private func judge(_ rows: WalkedCallers, _ other: WalkedCallers, _ truth: TrueCallers?) -> AgreementJudge {
    AgreementJudge(reference: rows, others: [(.gdb, other)], truth: truth, memory: NoMemory())
  }

  @Test("The unwinder, if the rows lead where the program goes")
  func unwinder() throws {
    let (rows, other) = (walked(right), walked(wrong))
    let number = try #require(rows.difference(from: other))
    #expect(number == 1)
    #expect(judge(rows, other, truth(right)).verdict(on: other, from: number)?.verdict == .unwinder)
  }

  @Test("The table, if its rows lead elsewhere")
  func table() throws {
    let (rows, other) = (walked(wrong), walked(right))
    let number = try #require(rows.difference(from: other))
    let verdict = try #require(judge(rows, other, truth(right)).verdict(on: other, from: number))
    #expect(verdict.verdict == .table)
    #expect(verdict.truth == .frame(pc: 0x30, sp: 0x300))
  }

  @Test("Nobody, where no call was seen")
  func undecided() throws {
    let (rows, other) = (walked(right), walked(wrong))
    #expect(judge(rows, other, nil).verdict(on: other, from: 1)?.verdict == .undecided)
    #expect(judge(rows, other, truth([right[0]])).verdict(on: other, from: 1)?.verdict == .undecided)
  }

  @Test("Ours, if it gives up where the others are right")
  func ours() throws {
    let (rows, other) = (walked([right[0]], .failed("a row")), walked(right))
    let verdict = try #require(judge(rows, other, truth(right)).verdict(on: other, from: 1))
    #expect(verdict.verdict == .unwinder)
    #expect(verdict.unwinder == .rows)
  }

  @Test("How walks end behind the same frames is no difference")
  func ends() {
    #expect(walked(right, .outermost).difference(from: walked(right, .failed("no more"))) == nil)
    #expect(walked(right, .outermost).difference(from: walked([right[0]], .outermost)) == 1)
    #expect(walked(right, .outermost).difference(from: walked([right[0]], .limit)) == nil)
  }
}
