import FrameVerification
import TestSupport
import Testing

/// Fiber switches: ours, and the classic one.
@Suite struct SwitchSourceTests {
  @Test func `nothing of our own switch is refuted`() throws {
    let directory = try TemporaryDirectory()
    let source = "\(Package.root)/Sources/CFiberAsm"
    let checked = try Checked(
      assembling: "\(source)/fiber_x86_64.S", in: directory, ["-I", source, "-I", "\(source)/include"])
    #expect(checked.findings.isEmpty, "\(checked.findings.map(\.explanation))")
    #expect(checked.refuted == 0)
    #expect(checked.proved > checked.instructions / 2, "\(checked.verdicts.map(\.unknown))")
  }

  @Test func `the classic switch is refuted where its row stops following the stack`() throws {
    let directory = try TemporaryDirectory()
    let checked = try Checked(
      assembling: "\(Package.root)/Tests/FrameVerificationTests/Programs/classic-switch.S", in: directory)
    #expect(checked.rules == ["cfa-wrong"], "\(checked.findings.map(\.explanation))")
    let finding = try #require(checked.findings.first)
    #expect(finding.evidence?.claim == "CFA = rsp+16, so the return address is at rsp+8")
    #expect(finding.evidence?.reality == "after push rbx it is rsp+24")
  }

  @Test func `of the classic base nothing is proved: its CFA is a location`() throws {
    let directory = try TemporaryDirectory()
    let checked = try Checked(
      assembling: "\(Package.root)/Tests/FrameVerificationTests/Programs/classic-switch.S", in: directory)
    let last = try #require(checked.verdicts.last)
    #expect(last.proved == 0)
    #expect(last.instructions == 4)
  }
}
