import Testing

@testable import VerificationReports

@Suite struct MarkupTextTests {
  @Test func `marks are escaped whatever combines with them`() {
    #expect(
      MarkupText().escapeText("\"\u{301}<\u{338}'\u{20dd}&\u{200d}>")
        == "&quot;\u{301}&lt;\u{338}&#39;\u{20dd}&amp;\u{200d}&gt;")
  }

  @Test func `what XML 1.0 allows nowhere is written out`() {
    #expect(MarkupText().escapeText("a\u{0}\u{1b}\u{fffe}\u{ffff}z") == #"a\u{0}\u{1b}\u{fffe}\u{ffff}z"#)
    #expect(MarkupText().escapeText("\t\n\r \u{7f}\u{fffd}\u{10000}") == "\t\n\r \u{7f}\u{fffd}\u{10000}")
  }

  @Test func `text without marks stays as it is`() {
    for text in ["", "switch_to(Context*)", "größe 文字 🧵"] { #expect(MarkupText().escapeText(text) == text) }
  }
}
