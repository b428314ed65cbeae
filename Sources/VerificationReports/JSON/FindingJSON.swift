internal import FrameVerification

/// `counts` of a file.
struct CountsJSON: Encodable {
  var fdes: Int
  var checkedFDEs: Int
  var bytes: UInt64
  var instructions: Int
  var proved: Int
  var refuted: Int
  var seen: Int?
  var seenTimes: Int?
  var unknown: [String: Int]
  var unresolvedJumps: Int
  var skippedFDEs: [String: Int]

  /// - Parameter isJoined: the file was executed, too.
  init(_ counts: ReportedCounts, isJoined: Bool) {
    fdes = counts.fdes
    checkedFDEs = counts.checkedFDEs
    bytes = counts.bytes
    instructions = counts.instructions
    proved = counts.proved
    refuted = counts.refuted
    if isJoined {
      seen = counts.seen
      seenTimes = counts.seenTimes
    }
    unknown = Dictionary(counts.unknown.map { ($0.reason.rawValue, $0.count) }, uniquingKeysWith: +)
    unresolvedJumps = counts.unresolvedJumps
    skippedFDEs = Dictionary(counts.skipped.map { ($0.reason.rawValue, $0.count) }, uniquingKeysWith: +)
  }
}

/// One of `findings`.
struct FindingJSON: Encodable {
  struct Story: Encodable {
    var edge: String
    var from: String
    var to: String
    var claim: String
    var reality: String
    var consequence: String
    var directive: String?
    var directiveAfter: String?
    var lines: [Line]
  }

  struct Line: Encodable {
    var pc: String
    var instruction: String
    var row: String?
    var mark: String?
  }

  var file: String
  var function: String?
  var symbol: String?
  var functionOffset: UInt64?
  var pc: String?
  var section: String?
  var offset: Int?
  var source: String?
  var line: Int?
  var rule: String
  var severity: String
  var verdict: String
  var explanation: String
  var waiver: String?
  var reason: String?
  var story: Story?

  init(_ finding: ReportedFinding, in file: ReportedFile) {
    self.file = file.path
    function = finding.function
    symbol = finding.rawFunction
    functionOffset = finding.functionOffset
    pc = finding.pc.map(hexadecimal)
    section = finding.section
    offset = finding.offset
    source = finding.sourceFile
    line = finding.sourceLine
    rule = finding.rule.id
    severity = finding.severity.rawValue
    verdict = finding.verdict.rawValue
    explanation = finding.explanation
    switch finding.waiver {
    case .baseline: waiver = "baseline"
    case .suppressed(let reason):
      waiver = "suppressed"
      self.reason = reason
    case nil: break
    }
    story = finding.story.map(Story.init)
  }
}

extension FindingJSON.Story {
  fileprivate init(_ story: ReportedStory) {
    let evidence = story.evidence
    edge = evidence.edge.rawValue
    from = hexadecimal(evidence.from)
    to = hexadecimal(evidence.to)
    claim = evidence.claim
    reality = evidence.reality
    consequence = evidence.consequence
    directive = evidence.remedy?.directive
    directiveAfter = evidence.remedy?.after.map(hexadecimal)
    lines = story.lines.map {
      FindingJSON.Line(pc: hexadecimal($0.address), instruction: $0.text, row: $0.row, mark: $0.mark?.rawValue)
    }
  }
}
