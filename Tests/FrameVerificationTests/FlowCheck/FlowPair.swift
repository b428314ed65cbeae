import Testing

/// A function that is right, and the same with one directive changed.
struct FlowPair: Sendable, CustomTestStringConvertible {
  /// What is wrong with the second.
  let name: String
  /// The rule that is to say so.
  let rule: String
  /// The body of the function that is right. What `right` is in it, `wrong` takes the place of.
  let body: String
  let right: String
  let wrong: String
  /// Tables of jumps are found in linked files only.
  var isLinked: Bool { body.contains(".rodata") }

  init(_ name: String, _ rule: String, right: String, wrong: String, _ body: String) {
    self.name = name
    self.rule = rule
    self.body = body
    self.right = right
    self.wrong = wrong
  }

  var testDescription: String { name }

  /// The body of the function that is wrong.
  var wrongBody: String {
    guard let range = body.firstRange(of: right) else { return body }
    return body.replacingCharacters(in: range, with: wrong)
  }
}

extension String {
  fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
    var copy = self
    copy.replaceSubrange(range, with: text)
    return copy
  }
}
