import CallFrameInfo
import Foundation
import FrameVerification
import TestSupport
import Testing

@Suite struct LintFixtureTests {
  @Test func `nothing is wrong with the image that fixtures are made of`() throws {
    var image = FixtureImage()
    image.describeAll()
    let linted = try Linted(image)
    #expect(linted.findings.map(\.line) == [] && linted.table.fdes.count == 2)
  }

  @Test(arguments: LintFixture.all)
  func `a fixture breaks its rule and no other`(_ fixture: LintFixture) throws {
    let linted = try Linted(fixture.image)
    #expect(linted.rules == [fixture.rule], "\(linted.findings.map(\.line))")
    #expect(linted.findings.map(\.severity) == [fixture.severity], "\(linted.findings.map(\.line))")
  }

  @Test func `every rule has a fixture`() {
    #expect(Set(Rule.lint.map(\.id)) == Set(LintFixture.all.map(\.rule)))
  }

  @Test(arguments: Rule.lint.map(\.id))
  func `every rule has a page with what its first fixture gives`(_ id: String) throws {
    let rule = try #require(Rule.lint.first { $0.id == id })
    let fixture = try #require(LintFixture.all.first { $0.rule == id })
    let page = try String(contentsOfFile: "\(Package.root)/Docs/rules/\(id).md", encoding: .utf8)
    #expect(page.hasPrefix("# \(id)\n\n**\(rule.severity.rawValue)**: \(rule.summary)\n"))
    let lines = try Linted(fixture.image).findings.map(\.line)
    #expect(page.contains("```text\n\(lines.joined(separator: "\n"))\n```"), "\(lines)")
  }

  @Test func `nobody finds the end of the records without a search table and a terminator`() throws {
    var image = FixtureImage()
    image.describeAll()
    image.hasTerminator = false
    image.hasSearchTable = false
    let findings = try Linted(image).findings.filter { $0.rule.id == "terminator-missing" }
    #expect(findings.map(\.severity) == [.warning])
  }

  @Test func `the entry point may end its return address after its first instruction`() throws {
    var image = FixtureImage()
    image.frames.cie()
    image.frames.fde(FixtureImage.function(0), [0x44, 0x07, 16])
    image.frames.fde(FixtureImage.function(1))
    #expect(try Linted(image).findings.map(\.line) == [])
  }

  @Test func `coverage is an error where it is required`() throws {
    var image = FixtureImage()
    image.describeAll()
    image.functions = 3
    let findings = try Linted(image, requiresCoverage: true).findings
    #expect(findings.map(\.severity) == [.error] && findings.map(\.address) == [FixtureImage.function(2).lowerBound])
  }

  @Test func `a defect that comes thousands of times is counted, and listed a thousand times`() throws {
    var image = FixtureImage()
    image.describeAll()
    image.debugFrames.cie()
    for _ in 0..<3000 { image.debugFrames.bytes += Encoded.little(1 as UInt32) + [7] }
    let findings = try Linted(image).findings
    #expect(findings.count == 1001 && findings.last?.explanation == "2000 more of these, which are not listed")
  }
}
