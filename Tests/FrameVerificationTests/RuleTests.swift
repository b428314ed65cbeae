import FrameVerification
import Testing

@Suite struct RuleTests {
  @Test func `no two rules have the same id`() {
    #expect(Set(Rule.all.map(\.id)).count == Rule.all.count)
  }
}
