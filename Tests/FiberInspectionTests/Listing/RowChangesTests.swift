import Testing

@testable import CallFrameInfo
@testable import FiberInspection

@Suite struct RowChangesTests {
  private func row(_ cfa: CFARule, _ rules: [UInt16: RegisterRule] = [:]) -> Row {
    var registers = RegisterRules()
    for (register, rule) in rules { registers[register] = rule }
    return Row(addresses: 0..<1, cfa: cfa, registers: registers)
  }

  @Test func newAndOtherRulesAreChangesAndLostOnesAreDropped() {
    let before = row(.register(7, offset: 8), [3: .offset(-24), 6: .offset(-16), 40: .undefined])
    let after = row(.register(7, offset: 16), [3: .offset(-32), 6: .offset(-16), 12: .sameValue, 41: .undefined])
    let changes = RowChanges(from: before, to: after, bytes: [])
    #expect(changes == RowChanges(cfa: true, registers: [3, 12, 41], dropped: [40]))
    #expect(RowChanges(from: before, to: before, bytes: []).isEmpty)
  }

  @Test func expressionsAreComparedByTheirBytes() {
    let bytes: [UInt8] = [0x76, 0x00, 0x06, 0x76, 0x00, 0x06, 0x77, 0x00, 0x06]
    func rule(_ offset: Int) -> Row {
      let block = ExpressionBlock(offset: offset, count: 3)
      return row(.expression(block), [6: .valueExpression(block)])
    }
    #expect(RowChanges(from: rule(0), to: rule(3), bytes: bytes).isEmpty)
    #expect(RowChanges(from: rule(0), to: rule(6), bytes: bytes) == RowChanges(cfa: true, registers: [6]))
  }

  @Test func anExpressionForAnAddressIsNotTheSameForAValue() {
    let block = ExpressionBlock(offset: 0, count: 1)
    let changes = RowChanges(
      from: row(.unspecified, [6: .expression(block)]), to: row(.unspecified, [6: .valueExpression(block)]),
      bytes: [0x96])
    #expect(changes.registers == [6])
  }
}
