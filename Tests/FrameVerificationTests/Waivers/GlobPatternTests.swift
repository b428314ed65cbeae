import FrameVerification
import TestSupport
import Testing

@Suite struct GlobPatternTests {
  @Test(arguments: [
    ("", "", true), ("", "a", false), ("*", "", true), ("*", "anything", true), ("a", "a", true), ("a", "ab", false),
    ("a*", "a", true), ("a*", "abc", true), ("*c", "abc", true), ("*b", "abc", false), ("a?c", "abc", true),
    ("a?c", "ac", false), ("?", "é", true), ("*ab*ab", "xabxxab", true), ("*ab*ab", "xab", false),
    ("std::*<int>::push?back(*)", "std::vector<int>::push_back(int const&)", true), ("[a]", "a", false),
    ("a**b", "ab", true), ("\\*", "*", false),
  ])
  func aPatternMatchesWholeNames(pattern: String, name: String, matches: Bool) {
    #expect(GlobPattern(pattern).matches(name) == matches)
  }

  /// Against what the pattern means, written down plainly.
  @Test func randomPatternsMatchWhatTheyMean() {
    func means(_ pattern: Substring, _ name: Substring) -> Bool {
      guard let first = pattern.first else { return name.isEmpty }
      if first == "*" {
        return means(pattern.dropFirst(), name) || (!name.isEmpty && means(pattern, name.dropFirst()))
      }
      guard let character = name.first, first == "?" || first == character else { return false }
      return means(pattern.dropFirst(), name.dropFirst())
    }
    var random = SplitMix(state: 6)
    func word(_ letters: [Character], upTo length: Int) -> String {
      String(
        (0..<Int.random(in: 0...length, using: &random)).map { _ in
          letters[Int.random(in: letters.indices, using: &random)]
        })
    }
    for _ in 0..<2000 {
      let pattern = word(["a", "b", "*", "?"], upTo: 5)
      let name = word(["a", "b"], upTo: 6)
      #expect(GlobPattern(pattern).matches(name) == means(pattern[...], name[...]), "\(pattern) \(name)")
    }
  }

  /// A matcher that tries all ways would not end.
  @Test func manyStarsOnALongNameAreNoTrap() {
    let pattern = GlobPattern(String(repeating: "a*", count: 200) + "b")
    #expect(!pattern.matches(String(repeating: "a", count: 5000)))
  }
}
