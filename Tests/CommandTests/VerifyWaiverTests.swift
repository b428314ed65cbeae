import Foundation
import TestSupport
import Testing

/// Baselines and suppressions of `fibertrace verify`.
@Suite struct VerifyWaiverTests {
  @Test func aBaselineLetsOnlyNewFindingsCount() throws {
    let fixture = try VerifyFixture("wrong", "uncovered")
    #expect(try fixture.verify("wrong.o", "--write-baseline", "known.json").status == 0)
    let written = try fixture.contents("known.json")
    #expect(written.contains(#""function" : "wrong""#) && written.hasSuffix("}\n"))
    let known = try fixture.verify("wrong.o", "--baseline", "known.json")
    #expect(known.status == 0)
    #expect(known.complaints == [])
    #expect(known.output.contains("1 waived"))

    let more = try fixture.verify("wrong.o", "uncovered.o", "--baseline", "known.json", "--require-coverage")
    #expect(more.status == 1)
    #expect(more.output.contains("code-without-fde"))
    #expect(!more.output.contains("error: cfa-wrong"))
  }

  /// In a build with other addresses and in another directory.
  @Test func aBaselineOutlivesABuild() throws {
    let fixture = try VerifyFixture("wrong")
    #expect(try fixture.verify("wrong.o", "--write-baseline", "known.json").status == 0)
    try FileManager.default.createDirectory(atPath: fixture.file("next"), withIntermediateDirectories: true)
    let source = try String(
      contentsOf: URL(filePath: "\(Package.root)/Tests/CommandTests/Programs/verify/wrong.s"), encoding: .utf8)
    try fixture.directory.write(source.replacing("  .text\n", with: "  .text\n  .skip 64, 0xcc\n"), to: "moved.s")
    try fixture.build(["-c", "moved.s"], as: "next/wrong.o")
    #expect(try fixture.verify("next/wrong.o").output.contains("wrong+1 at 0x41"))
    #expect(try fixture.verify("next/wrong.o", "--baseline", "known.json").status == 0)
    // The same again, though written over what was read.
    let written = try fixture.contents("known.json")
    let again = try fixture.verify(
      "next/wrong.o", "--baseline", "known.json", "--write-baseline", "known.json")
    #expect(again.status == 0)
    #expect(try fixture.contents("known.json") == written)
  }

  @Test func whatIsGoneFromTheBaselineIsSaid() throws {
    let fixture = try VerifyFixture("wrong", "uncovered")
    #expect(try fixture.verify("uncovered.o", "--require-coverage", "--write-baseline", "known.json").status == 0)
    let result = try fixture.verify("uncovered.o", "--baseline", "known.json", "--require-coverage")
    #expect(result.complaints == [])
    // As a new build of it.
    try Data(contentsOf: URL(filePath: fixture.file("wrong.o"))).write(to: URL(filePath: fixture.file("uncovered.o")))
    let gone = try fixture.verify("uncovered.o", "--baseline", "known.json")
    #expect(gone.status == 1)
    #expect(gone.complaints == ["fibertrace: known.json: 1 finding is gone: write it again by --write-baseline"])
  }

  @Test func aSuppressionWithAReasonTakesAFindingAway() throws {
    let fixture = try VerifyFixture("wrong")
    try fixture.directory.write("# known\ncfa-wrong wr?n* looked at\n* absent never\n", to: "allowed")
    let result = try fixture.verify("wrong.o", "--suppressions", "allowed", "--format", "json")
    #expect(result.status == 0)
    #expect(result.output.contains("looked at"))
    #expect(
      result.complaints == [
        "fibertrace: allowed: line 3: nothing to suppress: no finding of any rule in absent"
      ])
    // A baseline needs it no more.
    #expect(
      try fixture.verify("wrong.o", "--suppressions", "allowed", "--write-baseline", "known.json").status == 0)
    #expect(try !fixture.contents("known.json").contains("cfa-wrong"))
  }

  @Test func settingsThatCannotBeReadEndItBeforeTheWork() throws {
    let fixture = try VerifyFixture("wrong")
    try fixture.directory.write("hello\n", to: "text")
    try fixture.directory.write("cfa-wrong main\n", to: "unreasoned")
    try fixture.directory.write(#"{"version":9,"entries":[]}"#, to: "newer.json")
    for (option, path) in [
      ("--baseline", "text"), ("--baseline", "newer.json"), ("--baseline", "absent"), ("--baseline", "."),
      ("--suppressions", "text"), ("--suppressions", "unreasoned"), ("--suppressions", "absent"),
      ("--write-baseline", "absent/new"),
    ] {
      let result = try fixture.verify("wrong.o", option, path)
      #expect(result.status == 3, "\(option) \(path)")
      #expect(result.output == "")
      #expect(result.complaints.count == 1)
      #expect(result.errors.hasPrefix("fibertrace: \(path): "), "\(result.errors)")
    }
  }
}
