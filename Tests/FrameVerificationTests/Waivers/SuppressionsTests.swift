import FrameVerification
import Testing

@Suite struct SuppressionsTests {
  @Test func aLineHasARuleAPatternAndAReason() throws {
    let text = "# why\n\n  cfa-wrong  foo*\t checked by hand, 1  \n* ? all of it\r\n"
    let entries = try Suppressions(parsing: text).entries
    #expect(entries.map(\.rule) == ["cfa-wrong", nil])
    #expect(entries.map(\.function.text) == ["foo*", "?"])
    #expect(entries.map(\.reason) == ["checked by hand, 1", "all of it"])
    #expect(entries.map(\.line) == [3, 4])
  }

  @Test(arguments: [
    ("cfa-wrong", 1), ("cfa-wrong main", 1), ("# ok\ncfa-wrong main \t", 2), ("cfa-wrogn main why", 1),
    ("* * because\nmain cfa-wrong why", 2),
  ])
  func aLineThatIsNoneIsNamed(text: String, line: Int) {
    #expect { try Suppressions(parsing: text) } throws: { error in
      let failure = error as? Suppressions.Failure
      return failure?.line == line && failure?.description.contains("\n") == false
    }
  }

  @Test func theFirstLineThatMatchesGivesTheReason() throws {
    let suppressions = try Suppressions(parsing: "cfa-wrong b* first\n* bad second\n* other third\n")
    var found = report(["a.o": [finding("bad"), finding("good"), finding(nil)]])
    let unused = suppressions.waive(&found)
    #expect(found.findings.map(\.waiver) == [.suppressed(reason: "first"), nil, nil])
    #expect(unused.map(\.line) == [3])
    #expect(found.isRefuted)
  }

  @Test func aReadableOrARawNameMatchesAndNoNameIsEmpty() throws {
    var named = finding("raw")
    named.function = "ns::readable(int)"
    for pattern in ["raw", "ns::*", "ns::readable(int)"] {
      var found = report(["a.o": [named, finding(nil)]])
      #expect(try Suppressions(parsing: "* \(pattern) why").waive(&found).isEmpty)
      #expect(found.findings.map { $0.waiver != nil } == [true, false])
    }
    var found = report(["a.o": [named, finding(nil)]])
    #expect(try Suppressions(parsing: "* * why").waive(&found).isEmpty)
    #expect(!found.isRefuted)
  }
}
