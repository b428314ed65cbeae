internal import FiberInspection
internal import FrameVerification

/// A log in the Static Analysis Results Interchange Format (OASIS, SARIF 2.1.0).
struct SARIFLog {
  private let directory: String?

  init(directory: String?) { self.directory = directory }

  func write(_ report: Report, to output: inout some ByteOutput) throws {
    var stream = JSONStream(output)
    stream.beginObject(lines: true)
    try stream.member("$schema", "https://json.schemastore.org/sarif-2.1.0.json")
    try stream.member("version", "2.1.0")
    stream.key("runs")
    stream.beginArray()
    stream.beginObject(lines: true)
    try stream.member("tool", SARIFTool())
    try stream.member("invocations", [SARIFInvocation(report, directory)])
    try stream.member("columnKind", "utf16CodeUnits")
    stream.key("results")
    stream.beginArray(lines: true)
    let indexes = Dictionary(uniqueKeysWithValues: Rule.all.enumerated().map { ($1.id, $0) })
    for file in report.files {
      var seen: [String: Int] = [:]
      for finding in file.findings {
        let key = "\(finding.rawFunction ?? finding.section ?? "")|\(finding.rule.id)"
        seen[key, default: 0] += 1
        try stream.value(
          SARIFResult(
            finding, in: file, directory, ruleIndex: indexes[finding.rule.id],
            fingerprint: "\(key)|\(seen[key, default: 1])"))
      }
    }
    stream.endArray()
    stream.endObject()
    stream.endArray()
    stream.endObject()
    output = stream.finish()
  }
}

/// `message` objects, and others with a text alone (§3.11, §3.12).
struct SARIFText: Encodable {
  var text: String
}

/// `tool` (§3.18).
private struct SARIFTool: Encodable {
  struct Driver: Encodable {
    var name = "fibertrace verify"
    var version = toolVersion
    var rules = Rule.all.map(SARIFRule.init)
  }
  var driver = Driver()
}

/// `reportingDescriptor` (§3.49).
private struct SARIFRule: Encodable {
  struct Configuration: Encodable {
    var level: String
  }
  var id: String
  var shortDescription: SARIFText
  var help: SARIFText
  var defaultConfiguration: Configuration

  init(_ rule: Rule) {
    id = rule.id
    shortDescription = SARIFText(text: rule.summary)
    help = SARIFText(text: "Docs/rules/\(rule.id).md explains it.")
    defaultConfiguration = Configuration(level: rule.severity.rawValue)
  }
}

/// `invocation` (§3.20): what could not be read.
private struct SARIFInvocation: Encodable {
  struct Notification: Encodable {
    var level: String
    var message: SARIFText
  }
  var executionSuccessful: Bool
  var toolExecutionNotifications: [Notification]

  init(_ report: Report, _ directory: String?) {
    executionSuccessful = report.files.allSatisfy { $0.failure == nil }
    toolExecutionNotifications = report.files.flatMap { file in
      let path = shortened(file.path, directory)
      func notification(_ level: String, _ text: String) -> Notification {
        Notification(level: level, message: SARIFText(text: "\(path): \(text)".escapedForTerminal))
      }
      return (file.failure.map { [notification("error", $0)] } ?? [])
        + file.problems.map { notification("warning", $0) }
    }
  }
}
