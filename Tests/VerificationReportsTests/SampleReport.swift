import FiberInspection
import FrameVerification
import VerificationReports

/// Collects what is written.
struct CollectedBytes: ByteOutput {
  var bytes: [UInt8] = []
  /// Bytes of the largest piece so far.
  var largestPiece = 0

  mutating func write(_ piece: [UInt8]) {
    bytes += piece
    largestPiece = max(largestPiece, piece.count)
  }
}

/// `report` in a format, as text.
func written(
  _ report: Report, as format: ReportFormat, style: TextStyle = TextStyle(directory: "/src/app"),
  showsNotes: Bool = true
) throws -> String {
  var output = CollectedBytes()
  try ReportWriter.write(report, as: format, style: style, showsNotes: showsNotes, to: &output)
  return String(decoding: output.bytes, as: UTF8.self)
}

extension Report {
  static let empty = Report(files: [], assumptions: [])

  /// A file with a finding of each kind, one without call frame information, and one that cannot be read.
  static func sample() -> Report {
    let findings = [
      ReportedFinding.refutation(), .lint(), .suppressed(), .known(), .undecided(),
    ]
    return Report(
      files: [
        ReportedFile(
          path: "/src/app/build/a b", buildID: "00ff", counts: .sample, findings: findings,
          problems: ["no symbol table: functions have no names"]),
        ReportedFile(path: "/src/app/build/data.o", buildID: nil),
        ReportedFile(path: "missing", failure: "no such file"),
      ],
      assumptions: ["callees obey their own call frame information"])
  }

  /// A run: a file that was checked, too, one that was only executed, code in no file, and unwinders compared.
  static func executed() -> Report {
    var joined = ReportedFile(path: "/src/app/build/server", buildID: "00ff", counts: .sample, findings: [.executed()])
    joined.counts.seen = 12
    joined.counts.seenTimes = 4_711
    joined.execution = .sample(fdes: 40)
    var library = ReportedFile(path: "/usr/lib/libuseful.so.1")
    library.isCheckedWhole = false
    library.execution = .sample(fdes: 2_000)
    var made = ReportedFile(path: "[code in no file]")
    made.isCheckedWhole = false
    made.execution = .sample(fdes: nil)
    var run = ReportedRun(target: "build/server --port 0", ending: "let go at SIGINT; it runs on")
    run.exitStatus = 3
    run.signal = 6
    run.steps = 89_043
    run.walks = 12_345
    run.threads = 4
    run.processes = 2
    run.activations = 3
    run.notes = ["2 activations showed nothing new and ran to their return"]
    run.agreement = ReportedAgreement(
      unwinders: [
        .init(name: "rows", agreed: 5_000, limits: []),
        .init(name: "fp", agreed: 4_000, limits: [ReportedUnjudged(reason: "no-frame-pointer", count: 100)]),
      ], instructions: 120, comparisons: 1_000)
    return Report(
      files: [joined, library, made], assumptions: ["callees obey their own call frame information"], run: run)
  }

  /// One file with `count` findings.
  static func large(_ count: Int) -> Report {
    let findings = (0..<count).map { index in
      var finding = ReportedFinding.refutation()
      finding.pc = 0x401001 + UInt64(index) * 0x100
      return finding
    }
    return Report(files: [ReportedFile(path: "large", counts: .sample, findings: findings)], assumptions: [])
  }
}

extension Rule {
  /// The rule with an id, which is one of them.
  fileprivate static func named(_ id: String) -> Rule { all.first { $0.id == id } ?? undecided }
}

extension ReportedCounts {
  static var sample: ReportedCounts {
    var counts = ReportedCounts()
    counts.fdes = 3
    counts.checkedFDEs = 2
    counts.skipped = [ReportedSkip(reason: .tooLarge, count: 1)]
    counts.bytes = 4_321
    counts.instructions = 1_234
    counts.proved = 1_200
    counts.refuted = 2
    counts.unknown = [
      ReportedUnknown(reason: .indirectJump, count: 30), ReportedUnknown(reason: .unreached, count: 2),
    ]
    counts.unresolvedJumps = 1
    return counts
  }
}

extension ReportedExecution {
  static func sample(fdes: Int?) -> ReportedExecution {
    var execution = ReportedExecution()
    execution.instructions = 2_345
    execution.right = 2_300
    execution.times = 1_234_567
    execution.refuted = 1
    execution.unjudged = [ReportedUnjudged(reason: "no-row", count: 40), ReportedUnjudged(reason: "leaving", count: 4)]
    execution.functions = 25
    execution.fdes = fdes
    return execution
  }
}

extension ReportedFinding {
  fileprivate static func executed() -> ReportedFinding {
    var finding = ReportedFinding(
      rule: .stepCFA, severity: .error, verdict: .refuted,
      explanation: "the row says CFA = rsp+8; it was rsp+16 (seen 24 times, at 2 instructions of the function)")
    finding.function = "resume"
    finding.rawFunction = "resume"
    finding.functionOffset = 1
    finding.pc = 0x401137
    finding.story = ReportedStory(
      evidence: Evidence(
        .execution, from: 0x401137, to: 0x401137, claim: "CFA = rsp+8", reality: "it was rsp+16",
        consequence: "every unwinder looks for the return address 8 bytes too low",
        remedy: Remedy(".cfi_def_cfa_offset 16", after: 0x401136)),
      lines: [
        StoryLine(address: 0x401136, end: 0x401137, text: "push rbx", row: "rsp+8 ra@c-8"),
        StoryLine(address: 0x401137, end: 0x401138, text: "nop", row: "rsp+8 ra@c-8", mark: .wrong),
      ])
    return finding
  }

  /// A row that does not follow a push.
  static func refutation() -> ReportedFinding {
    var finding = ReportedFinding(
      rule: .named("cfa-wrong"), severity: .error, verdict: .refuted,
      explanation: "the row says CFA = rsp+8, so the return address is at rsp+0; after push rbx it is rsp+16")
    finding.function = "switch_to(Context*)"
    finding.rawFunction = "_Z9switch_toP7Context"
    finding.pc = 0x401001
    finding.functionOffset = 1
    finding.sourceFile = "/src/app/src/switch.S"
    finding.sourceLine = 12
    finding.story = ReportedStory(
      evidence: Evidence(
        .fallThrough, from: 0x401000, to: 0x401001, claim: "CFA = rsp+8", reality: "push rbx has made it CFA = rsp+16",
        consequence: "every unwinder takes the caller's rbx for the return address",
        remedy: Remedy(".cfi_adjust_cfa_offset 8", after: 0x401000)),
      lines: [
        StoryLine(address: 0x401000, end: 0x401001, text: "push rbx", row: "rsp+8 ra@c-8", mark: .cause),
        StoryLine(address: 0x401001, end: 0x401004, text: "mov rbx, rdi", row: "rsp+8 ra@c-8", mark: .wrong),
        StoryLine(address: 0x401010, end: 0x401011, text: "ret", row: nil),
      ])
    return finding
  }

  /// A record without code.
  static func lint() -> ReportedFinding {
    var finding = ReportedFinding(
      rule: .named("terminator-missing"), severity: .warning, verdict: .refuted,
      explanation: "the section ends without a terminator")
    finding.section = ".eh_frame"
    finding.offset = 0x40
    return finding
  }

  static func suppressed() -> ReportedFinding {
    var finding = refutation()
    finding.pc = 0x402001
    finding.waiver = .suppressed(reason: "generated, see ticket 12")
    return finding
  }

  static func known() -> ReportedFinding {
    var finding = refutation()
    finding.pc = 0x403001
    finding.sourceFile = nil
    finding.sourceLine = nil
    finding.story = nil
    finding.waiver = .baseline
    return finding
  }

  static func undecided() -> ReportedFinding {
    var finding = ReportedFinding(
      rule: .undecided, severity: .note, verdict: .unknown,
      explanation: "2 instructions are neither proved nor refuted: nothing that was seen leads here")
    finding.function = "handler"
    finding.rawFunction = "handler"
    finding.pc = 0x404000
    return finding
  }
}
