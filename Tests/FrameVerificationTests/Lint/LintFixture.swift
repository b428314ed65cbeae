import Testing
import FrameVerification

/// An image with one defect.
struct LintFixture: Sendable, CustomTestStringConvertible {
  /// The rule that it breaks.
  let rule: String
  /// What is wrong with it: a word, where a rule has several fixtures.
  let name: String
  let severity: Severity
  private let build: @Sendable (inout FixtureImage) -> Void

  init(
    _ rule: String, _ name: String, _ severity: Severity = .error,
    _ build: @escaping @Sendable (inout FixtureImage) -> Void
  ) {
    self.rule = rule
    self.name = name
    self.severity = severity
    self.build = build
  }

  /// An FDE with this program.
  init(_ rule: String, _ name: String, _ severity: Severity = .error, program: [UInt8]) {
    self.init(rule, name, severity) { $0.describe(program) }
  }

  /// An FDE whose CFA is this expression from its second instruction on.
  init(_ rule: String, _ name: String, expression: [UInt8]) {
    self.init(rule, name, program: [0x41, 0x0f] + Encoded.uleb(UInt64(expression.count)) + expression)
  }

  var image: FixtureImage {
    var image = FixtureImage()
    build(&image)
    return image
  }

  var testDescription: String { "\(rule): \(name)" }
}

extension LintFixture {
  static let all = records + addresses + searchTables + programs + expressions + exceptions + coverage
}
