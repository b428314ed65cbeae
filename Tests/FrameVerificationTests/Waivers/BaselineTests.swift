import FoundationEssentials
import FrameVerification
import Testing

@Suite struct BaselineTests {
  @Test func whatIsInItIsNoNewsWhateverItsAddress() throws {
    let old = report(["build/a.o": [finding("f", pc: 1), finding("g", pc: 9)]])
    var new = report(["/other/a.o": [finding("f", pc: 77), finding("g", pc: 99)]])
    #expect(Baseline(of: old).waive(&new) == 0)
    #expect(new.findings.map(\.waiver) == [.baseline, .baseline])
    #expect(!new.isRefuted)
  }

  @Test func oneMoreThanItHasIsNews() {
    let old = report(["a.o": [finding("f", pc: 1), finding("f", pc: 2)]])
    var new = report(["a.o": [finding("f", pc: 1), finding("f", pc: 2), finding("f", pc: 3)]])
    #expect(Baseline(of: old).waive(&new) == 0)
    #expect(new.findings.map(\.waiver) == [.baseline, .baseline, nil])
  }

  @Test func anotherFileFunctionSectionOrRuleIsNews() {
    let lint = Rule("record-length", .lint, .error, "something else is wrong")
    let old = report(["a.o": [finding("f"), finding(nil, rule: lint, section: ".eh_frame")]])
    var new = report([
      "b.o": [finding("f")],
      "a.o": [finding("g"), finding("f", rule: lint), finding(nil, rule: lint, section: ".debug_frame")],
    ])
    #expect(Baseline(of: old).waive(&new) == 2)
    #expect(new.findings.allSatisfy { $0.waiver == nil })
  }

  @Test func whatIsGoneIsCountedForFilesThatWereRead() {
    let old = report(["a.o": [finding("f"), finding("f")], "b.o": [finding("f")], "c.o": [finding("f")]])
    var new = report(["a.o": [finding("f")]])
    new.files.append(ReportedFile(path: "b.o", failure: "not readable"))
    #expect(Baseline(of: old).waive(&new) == 1)
  }

  @Test func notesAndSuppressedFindingsAreNotInItButUndecidedOnesAre() {
    var suppressed = finding("f")
    suppressed.waiver = .suppressed(reason: "why")
    let found = report([
      "a.o": [
        suppressed, finding("f", severity: .note), finding("g", severity: .warning),
        finding("h", rule: .undecided, verdict: .unknown),
      ]
    ])
    #expect(Set(Baseline(of: found).counts.keys.map(\.function)) == ["g", "h"])
  }

  @Test func itsHashOfTheModuleIsNoPartOfALocalFunction() {
    let old = report(["a.o": [finding("f.llvm.123")]])
    var new = report(["a.o": [finding("f.llvm.45678"), finding("f.llvm.x")]])
    _ = Baseline(of: old).waive(&new)
    #expect(new.findings.map(\.waiver) == [.baseline, nil])
  }

  @Test func itsDocumentReadsAsDifferencesAndComesBack() throws {
    let found = report(["a.o": [finding("z"), finding("b/\u{1b}"), finding("z"), finding(nil, section: ".eh_frame")]])
    let baseline = Baseline(of: found)
    let json = try baseline.json()
    #expect(
      String(decoding: json, as: UTF8.self) == """
        {
          "entries" : [
            {
              "count" : 1,
              "file" : "a.o",
              "rule" : "cfa-wrong",
              "section" : ".eh_frame"
            },
            {
              "count" : 1,
              "file" : "a.o",
              "function" : "b/\\u001b",
              "rule" : "cfa-wrong"
            },
            {
              "count" : 2,
              "file" : "a.o",
              "function" : "z",
              "rule" : "cfa-wrong"
            }
          ],
          "version" : 1
        }

        """)
    #expect(try Baseline(json: json) == baseline)
  }

  @Test(arguments: [
    "", "hello", "[]", "{}", #"{"version":2,"entries":[]}"#, #"{"version":1,"entries":[{"file":"a","rule":"r"}]}"#,
    #"{"version":1,"entries":[{"file":"a","rule":"r","count":0}]}"#,
    #"{"version":1,"entries":[{"file":"a","rule":"r","count":9223372036854775807}]}"#,
    #"{"version":1,"entries":[{"file":"a","rule":7,"count":1}]}"#,
  ])
  func whatIsNoBaselineIsRefusedInOneLine(text: String) {
    #expect { try Baseline(json: Data(text.utf8)) } throws: { error in
      !((error as? Baseline.Failure)?.description.contains("\n") ?? true)
    }
  }

  @Test func entriesOfTheSameKindAddUp() throws {
    let entry = #"{"file":"a","rule":"r","count":2147483648}"#
    let baseline = try Baseline(json: Data(#"{"version":1,"entries":[\#(entry),\#(entry)]}"#.utf8))
    #expect(baseline.counts == [Baseline.Key(file: "a", function: nil, rule: "r"): Baseline.greatestCount])
  }
}
