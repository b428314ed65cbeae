import CallFrameInfo
import FrameVerification
import TestSupport
import Testing

@Suite struct DamagedImageTests {
  @Test(arguments: LintFixture.all)
  func `whatever a file holds, lint comes to an end`(_ fixture: LintFixture) throws {
    let bytes = fixture.image.bytes
    var random = SplitMix(state: UInt64(bytes.count))
    // From the search table on to the end of the exception tables: the records, and what leads to them.
    let start = Int(FixtureImage.searchTable - FixtureImage.base)
    let end = Int(FixtureImage.exceptTable - FixtureImage.base)
    for _ in 0..<150 {
      var damaged = bytes
      for _ in 0...Int(random.next() % 4) {
        let place = start + Int(random.next() % 0x1c0)
        // Among small numbers are most opcodes, lengths and registers.
        damaged[min(place, end)] = random.next() % 2 == 0 ? UInt8(random.next() % 32) : UInt8(random.next() % 256)
      }
      let findings = try Linted(damaged).findings
      #expect(findings.count < 1000)
      for finding in findings { #expect(Rule.lint.contains(finding.rule)) }
    }
  }

  @Test func `whatever an expression is made of, lint and the evaluator agree that it is sound`() throws {
    struct Context: EvaluationContext {
      func register(_ number: UInt16) -> UInt64? { number <= 16 ? 0x1000 : nil }
      func memory(at address: UInt64, size: Int) -> UInt64? { 1 }
      var cfa: UInt64? { nil }
    }
    let operators: [UInt8] = [
      0x06, 0x12, 0x13, 0x14, 0x16, 0x17, 0x19, 0x1a, 0x1c, 0x1f, 0x20, 0x21, 0x22, 0x24, 0x27, 0x29, 0x30, 0x31, 0x77,
      0x76, 0x23, 0x94, 0x15, 0x50, 0x9c, 0x96,
    ]
    var random = SplitMix(state: 7)
    var sound = 0
    for _ in 0..<3000 {
      var expression: [UInt8] = []
      for _ in 0...Int(random.next() % 8) {
        let code = operators[Int(random.next() % UInt64(operators.count))]
        expression.append(code)
        // breg, plus_uconst, deref_size and pick have an operand of one byte here.
        if [0x77, 0x76, 0x23, 0x94, 0x15].contains(code) { expression.append(UInt8(random.next() % 10)) }
      }
      var image = FixtureImage()
      image.describe([0x41, 0x0f] + Encoded.uleb(UInt64(expression.count)) + expression)
      let linted = try Linted(image)
      let section = linted.table.sections[0]
      var rows = linted.table.rows(of: linted.table.fdes[1])
      _ = try rows.next()
      let row = try #require(try rows.next())
      guard case .expression(let block) = row.cfa else {
        Issue.record("no expression in the second row")
        continue
      }
      let value = try? ExpressionEvaluator.evaluate(block, in: section, context: Context())
      #expect((value != nil) == linted.findings.isEmpty, "\(expression): \(linted.findings.map(\.line))")
      if value != nil { sound += 1 }
    }
    #expect(sound > 100)
  }
}
