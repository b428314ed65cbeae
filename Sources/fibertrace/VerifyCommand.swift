internal import ArgumentParser
internal import FiberInspection
internal import FrameVerification
internal import Synchronization
internal import VerificationReports

/// `fibertrace verify`.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Checks whether unwinders can trust the call frame information of programs.",
    discussion: """
      Every instruction of x86-64 programs, libraries and object files is followed, and the row of call frame information \
      beside it is proved, refuted, or undecided for a reason; records, search tables and expressions are checked \
      too. A refutation is told as a story: what the row claims, what the code does, which unwinder goes wrong how, and \
      the directive that mends it. In directories all such files are verified, each once; symbolic links in them are not \
      followed. The report is the same for the same files, whatever --jobs; times go to standard error.

      Examples:
        fibertrace verify build/server
        fibertrace verify /usr/bin --jobs 8
        fibertrace verify switch.o --strict               what is undecided too
        fibertrace verify libfoo.so --function resume
        fibertrace verify build --format sarif -o verify.sarif
        fibertrace verify build --write-baseline known.json
        fibertrace verify build --baseline known.json     only what is new
        fibertrace verify build --suppressions allowed.txt

      Exit codes: 0 nothing is refuted, 1 something is refuted that is neither in the baseline nor suppressed, \
      2 with --strict: something is neither proved nor refuted, 3 something could not be read or written, or no file has the \
      function (standard error says what; all else is reported), 64 wrong usage.

      Of the exit codes 1 comes before 3, and 3 before 2: whoever sees 1 knows that something is refuted, whatever else \
      could not be read.
      """)

  @Argument(help: "Programs, libraries, object files and directories of these.", completion: .file())
  var files: [String]

  @OptionGroup(title: "What to look at")
  var work: VerifyWorkOptions

  @OptionGroup(title: "How to report")
  var report: VerifyReportOptions

  @OptionGroup(title: "What is known")
  var waivers: WaiverOptions

  func validate() throws {
    if files.contains("") { throw ValidationError("a file is empty: name an ELF file") }
    if work.debugFile != nil, files.count > 1 {
      throw ValidationError("--debug-file is for one file, and \(files.count) are named")
    }
    if !work.function.isEmpty, waivers.writeBaseline != nil {
      throw ValidationError("--write-baseline is of whole files: what --function leaves out would be gone from it")
    }
  }

  func run() throws {
    let start = ContinuousClock.now
    let waiving = try VerifyWaivers(waivers)
    let destination = try report.output.map(OutputFile.init)
    let input = VerificationInput(files)
    for skipped in input.skipped { if let sentence = skipped.sentence { StandardError.write(sentence) } }
    guard work.debugFile == nil || input.skipped.isEmpty else {
      StandardError.write("\(files[0]): a directory, and --debug-file is for one file")
      throw ExitCode(VerifyExit.unreadable)
    }

    try destination?.requireOther(than: input.items.lazy.map(\.path))
    try waiving.requireOther(than: input.items.lazy.map(\.path))
    let result = verify(input.items, since: start)
    var found = Report(files: result.files, assumptions: FlowCheck.assumptions)
    for file in found.files {
      if let failure = file.failure { StandardError.write("\(file.path): \(failure)") }
    }
    StandardError.write(found.files.flatMap(\.problems), othersIn: "the report of --format json")
    for missing in result.missing {
      let near = missing.near.isEmpty ? "" : "; near names: \(missing.near.joined(separator: ", "))"
      StandardError.write("no file has a function called \(missing.function)\(near)")
    }
    guard result.missing.isEmpty || !found.files.isEmpty else { throw ExitCode(VerifyExit.unreadable) }
    try waiving.apply(to: &found, isWhole: work.function.isEmpty)
    try write(found, to: destination)
    if let sentence = found.sentence(since: start) { StandardError.write(sentence) }
    let code = VerifyExit.code(
      for: found, isComplete: result.missing.isEmpty && !found.isIncomplete, isStrict: report.strict)
    if code != VerifyExit.clean { throw ExitCode(code) }
  }

  private func verify(
    _ items: [VerificationInput.Item], since start: ContinuousClock.Instant
  ) -> VerificationRun.Result {
    var options = VerificationOptions()
    options.functions = work.function
    options.listsUnknown = report.strict
    options.requiresCoverage = work.requireCoverage
    options.workers = work.workers
    options.debugFile = work.debugFile
    let line = Mutex(ProgressLine(since: start))
    defer { line.withLock { $0.erase() } }
    return VerificationRun(items, options: options).run { progress in line.withLock { $0.show(progress) } }
  }

  private func write(_ found: Report, to destination: OutputFile?) throws {
    let style = destination == nil ? TextStyle.ofStandardOutput(color: report.color) : .ofFile(color: report.color)
    var output = try destination?.output() ?? StandardOutput()
    try ReportWriter.write(found, as: report.format, style: style, showsNotes: report.strict, to: &output)
    try output.flush(otherwise: VerifyExit.unreadable)
  }
}

extension VerificationInput.Skipped {
  /// "/usr/bin: passed over 12 other files, 3 symbolic links"; nil if there are none.
  fileprivate var sentence: String? {
    var parts: [String] = []
    if others > 0 { parts.append(others == 1 ? "1 other file" : "\(grouped(others)) other files") }
    if links > 0 { parts.append(links == 1 ? "1 symbolic link" : "\(grouped(links)) symbolic links") }
    if duplicates > 0 {
      parts.append(duplicates == 1 ? "1 further hard link" : "\(grouped(duplicates)) further hard links")
    }
    return parts.isEmpty ? nil : "\(directory): passed over \(parts.joined(separator: ", "))"
  }
}

extension Report {
  /// "812 files, 1,234,567 FDEs in 12.3 s"; nil where nothing could be read.
  fileprivate func sentence(since start: ContinuousClock.Instant) -> String? {
    let verified = files.filter { $0.failure == nil }
    guard !verified.isEmpty else { return nil }
    let fdes = verified.reduce(0) { $0 + $1.counts.checkedFDEs }
    let time = (ContinuousClock.now - start).components
    let hundredths = Int(clamping: time.seconds) * 100 + Int(time.attoseconds / 10_000_000_000_000_000)
    let fraction = hundredths % 100
    let files = verified.count == 1 ? "1 file" : "\(grouped(verified.count)) files"
    let seconds = "\(grouped(hundredths / 100)).\(fraction < 10 ? "0" : "")\(fraction)"
    return "\(files), \(grouped(fdes)) FDE\(fdes == 1 ? "" : "s") in \(seconds) s"
  }
}
