import CallFrameInfo
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

  /// The fixture, checked by all there is.
  private func classic() throws -> Checked {
    let directory = try TemporaryDirectory()
    return try Checked(
      assembling: "\(Package.root)/Tests/FrameVerificationTests/Programs/classic-switch.S", in: directory)
  }

  @Test func `the classic switch is refuted where its row stops following the stack`() throws {
    let checked = try classic()
    #expect(Set(checked.rules) == ["cfa-wrong", "start-returned-to"], "\(checked.findings.map(\.explanation))")
    let finding = try #require(checked.findings.first { $0.rule.id == "cfa-wrong" })
    #expect(finding.evidence?.claim == "CFA = rsp+16, so the return address is at rsp+8")
    #expect(finding.evidence?.reality == "after push rbx it is rsp+24")
  }

  @Test func `defect 1: the CFA of the classic base is a location, and nothing of it is proved`() throws {
    let checked = try classic()
    let base = try #require(checked.verdicts.first { $0.findings.contains { $0.rule.id == "start-returned-to" } })
    #expect(base.proved == 0)
    #expect(base.instructions == 4)
    let location = checked.lint.filter { $0.rule.id == "expression-location" }
    #expect(location.map(\.fde) == [base.fde])
    #expect(location.first?.severity == .error)
  }

  @Test func `defect 2: the classic switch has no FDE`() throws {
    let checked = try classic()
    let uncovered = checked.lint.filter { $0.rule.id == "code-without-fde" }
    #expect(uncovered.map(\.address) == [0])
    #expect(uncovered.first?.severity == .error)
  }

  @Test func `defect 5: the classic base is returned to at its first byte, ours behind a nop`() throws {
    let checked = try classic()
    let start = try #require(checked.findings.first { $0.rule.id == "start-returned-to" })
    let fde = try #require(start.fde)
    #expect(start.address == checked.table.fdes[fde].addresses.lowerBound)
    #expect(start.severity == .error)
  }

  @Test func `defect 10: a frame without a register for its CFA has none`() throws {
    let missing = try classic().lint.filter { $0.rule.id == "cfa-not-defined" }
    #expect(missing.count == 1)
    #expect(missing.first?.severity == .error)
  }
}
