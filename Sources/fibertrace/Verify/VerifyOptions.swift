internal import ArgumentParser
internal import FiberInspection
internal import FoundationEssentials
internal import VerificationReports

/// How `verify` reports.
struct VerifyReportOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "How the report is written: text, json, sarif (for code hosts), junit (for CI servers) or html (one page).",
      valueName: "format"))
  var format = ReportFormat.text

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where the report is written, in place of standard output.", valueName: "file"),
    completion: .file())
  var output: String?

  @Flag(help: "List what is neither proved nor refuted, which gives exit code 2, and notes and what is waived.")
  var strict = false

  @Option(help: ArgumentHelp("When to use colours.", valueName: "when"))
  var color = ColorOption.auto

  func validate() throws {
    if output?.isEmpty == true { throw ValidationError("--output is empty: name a file") }
  }
}

/// What `verify` does not report as news.
struct WaiverOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Findings that are known, as --write-baseline writes them.", valueName: "file"),
    completion: .file())
  var baseline: String?

  @Option(
    help: ArgumentHelp(
      "Write all findings that are not suppressed to this file; they are known then, and the exit code says so.",
      valueName: "file"),
    completion: .file())
  var writeBaseline: String?

  @Option(
    help: ArgumentHelp(
      "Findings to live with: lines of a rule or *, a pattern of function names with * and ?, and a reason.",
      valueName: "file"),
    completion: .file())
  var suppressions: String?

  func validate() throws {
    for (name, value) in [
      ("--baseline", baseline), ("--write-baseline", writeBaseline), ("--suppressions", suppressions),
    ] where value?.isEmpty == true {
      throw ValidationError("\(name) is empty: name a file")
    }
  }
}

/// What of the files `verify` looks at, and with how many threads.
struct VerifyWorkOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Only this function, by its readable or raw name or a pattern with * and ?; cold parts come with it. "
        + "May be given several times.",
      valueName: "name"))
  var function: [String] = []

  @Flag(help: "Code without an FDE is an error, not a note.")
  var requireCoverage = false

  @Option(
    help: ArgumentHelp(
      "The separate debug file of the one file that is named, in place of the one its build-id or link leads to.",
      valueName: "file"),
    completion: .file())
  var debugFile: String?

  @Option(
    help: ArgumentHelp("How many threads work; as many as there are processors if not given.", valueName: "number"))
  var jobs: Int?

  /// How many threads work.
  var workers: Int { jobs ?? ProcessInfo.processInfo.activeProcessorCount }

  func validate() throws {
    if function.contains("") { throw ValidationError("--function is empty: name a function") }
    if debugFile?.isEmpty == true { throw ValidationError("--debug-file is empty: name a file") }
    if let jobs, !(1...1024).contains(jobs) { throw ValidationError("--jobs is \(jobs): expected 1 to 1024") }
  }
}

extension ReportFormat: ExpressibleByArgument {}
