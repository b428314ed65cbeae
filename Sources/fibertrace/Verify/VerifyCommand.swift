internal import ArgumentParser
internal import ExecutionVerification
internal import FiberInspection
internal import FrameVerification
internal import Glibc
internal import Synchronization
internal import VerificationReports

/// `fibertrace verify`.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Checks whether unwinders can trust the call frame information of programs.",
    usage: """
      fibertrace verify [<options>] <files> ...
      fibertrace verify [<options>] [<files> ...] --run -- <program> [<arguments> ...]
      fibertrace verify [<options>] [<files> ...] --attach <pid>
      """,
    discussion: """
      Every instruction of x86-64 programs, libraries and object files is followed, and the row of call frame information \
      beside it is proved, refuted, or undecided for a reason; records, search tables and expressions are checked \
      too. A refutation is told as a story: what the row claims, what the code does, which unwinder goes wrong how, and \
      the directive that mends it. With --run a program is executed instruction by instruction, and each row is held against \
      what is true of its stacks, through signals, exceptions, threads, forks and fibers. In directories all such files are verified, each once; symbolic links in them are not \
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
        fibertrace verify --run -- build/server --port 0  each function's first 3 activations, step by step
        fibertrace verify --run --all -- build/tests      every instruction
        fibertrace verify build/server --run              both views of one file, joined
        fibertrace verify --attach 4711 --timeout 10
        fibertrace verify --run --unwinders rows,libunwind,libdw,gdb -- build/server

      A program that is run keeps standard input, output and error: the report goes to standard error, or to a file by --output. Ctrl-C \
      lets go of what is followed and reports what was seen.

      Exit codes: 0 nothing is refuted, 1 something is refuted that is neither in the baseline nor suppressed, \
      2 with --strict: something is neither proved nor refuted, 3 something could not be read, written or run, or no file has the \
      function (standard error says what; all else is reported), 64 wrong usage.

      Of the exit codes 1 comes before 3, and 3 before 2: whoever sees 1 knows that something is refuted, whatever else \
      could not be read.
      """)

  @OptionGroup
  var targets: VerifyTargets

  @OptionGroup(title: "What to look at")
  var work: VerifyWorkOptions

  @OptionGroup(title: "What to run")
  var execution: VerifyRunOptions

  @OptionGroup(title: "How to report")
  var report: VerifyReportOptions

  @OptionGroup(title: "What is known")
  var waivers: WaiverOptions

  func validate() throws {
    try validateTarget()
    if files.contains("") { throw ValidationError("a file is empty: name an ELF file") }
    if work.debugFile != nil, namedFiles.count > 1 {
      throw ValidationError("--debug-file is for one file, and \(namedFiles.count) are named")
    }
    if !work.function.isEmpty, waivers.writeBaseline != nil {
      throw ValidationError("--write-baseline is of whole files: what --function leaves out would be gone from it")
    }
  }

  private var files: [String] { targets.files }
  private var program: [String] { targets.program }

  private func validateTarget() throws {
    if program.contains(where: { $0.contains("\0") }) || program.first == "" {
      throw ValidationError("the program behind -- is empty: name one")
    }
    if execution.run, program.isEmpty, files.count != 1 {
      throw ValidationError(
        files.isEmpty
          ? "--run needs a program: fibertrace verify --run -- PROGRAM ARG..."
          : "--run needs one program, and \(files.count) files are named: fibertrace verify FILE... --run -- PROGRAM ARG..."
      )
    }
    if execution.attach != nil, !program.isEmpty {
      throw ValidationError("--attach follows a process that runs: there is no program to name behind --")
    }
    if !execution.isWanted, namedFiles.isEmpty {
      throw ValidationError(
        "name a file or a directory, or a program to run: fibertrace verify --run -- PROGRAM ARG...")
    }
    if execution.isWanted, files.isEmpty {
      if work.debugFile != nil { throw ValidationError("--debug-file is for one file, and none is named") }
      if work.requireCoverage { throw ValidationError("--require-coverage is for files, and none is named") }
    }
  }

  /// What is not a program to be run.
  private var namedFiles: [String] { execution.run ? files : files + program }

  /// What is run, with its arguments.
  private var command: [String] {
    guard execution.run else { return [] }
    // Without a slash it would be looked for in PATH.
    return program.isEmpty ? files.prefix(1).map { $0.contains("/") ? $0 : "./\($0)" } : program
  }

  func run() throws {
    let start = ContinuousClock.now
    let waiving = try VerifyWaivers(waivers)
    let destination = try report.output.map(OutputFile.init)
    let input = VerificationInput(namedFiles)
    for skipped in input.skipped { if let sentence = skipped.sentence { StandardError.write(sentence) } }
    guard work.debugFile == nil || input.skipped.isEmpty else {
      StandardError.write("\(namedFiles[0]): a directory, and --debug-file is for one file")
      throw ExitCode(VerifyExit.unreadable)
    }

    try destination?.requireOther(than: input.items.lazy.map(\.path))
    try waiving.requireOther(than: input.items.lazy.map(\.path))
    let executed = try execute(input.items)
    let result = verify(input.items, executed?.executions ?? [:], since: start)
    var found = Report(files: result.files, assumptions: result.files.isEmpty ? [] : FlowCheck.assumptions)
    for file in found.files {
      if let failure = file.failure { StandardError.write("\(file.path): \(failure)") }
    }
    StandardError.write(found.files.flatMap(\.problems), othersIn: "the report of --format json")
    for missing in result.missing {
      let near = missing.near.isEmpty ? "" : "; near names: \(missing.near.joined(separator: ", "))"
      StandardError.write("no file has a function called \(missing.function)\(near)")
    }
    guard result.missing.isEmpty || !found.files.isEmpty else { throw ExitCode(VerifyExit.unreadable) }
    executed?.join(&found)
    let wasExecuted = executed?.tellGaps(in: found) ?? true
    try waiving.apply(to: &found, isWhole: work.function.isEmpty && executed == nil)
    try write(found, to: destination)
    if let sentence = found.sentence(since: start) { StandardError.write(sentence) }
    let code = VerifyExit.code(
      for: found, isComplete: result.missing.isEmpty && !found.isIncomplete && wasExecuted, isStrict: report.strict)
    if let status = executed?.passedStatus ?? (code == VerifyExit.clean ? nil : code), status != 0 {
      throw ExitCode(status)
    }
  }

  private func execute(_ items: [VerificationInput.Item]) throws -> VerifyExecution? {
    guard execution.isWanted else { return nil }
    return try VerifyExecution(
      execution, program: command, functions: work.function, files: items.map(\.path), listsUnjudged: report.strict)
  }

  private func verify(
    _ items: [VerificationInput.Item], _ executions: [String: [UInt64: Int]], since start: ContinuousClock.Instant
  ) -> VerificationRun.Result {
    var options = VerificationOptions()
    options.functions = work.function
    options.listsUnknown = report.strict
    options.requiresCoverage = work.requireCoverage
    options.workers = work.workers
    options.debugFile = work.debugFile
    options.executions = executions
    guard !items.isEmpty else { return VerificationRun([], options: options).run { _ in } }
    let line = Mutex(ProgressLine(since: start))
    defer { line.withLock { $0.erase() } }
    return VerificationRun(items, options: options).run { progress in line.withLock { $0.show(progress) } }
  }

  private func write(_ found: Report, to destination: OutputFile?) throws {
    // Standard output is the program's that was run.
    let descriptor = execution.run ? STDERR_FILENO : STDOUT_FILENO
    let style =
      destination == nil
      ? TextStyle.ofStandardOutput(color: report.color, descriptor: descriptor) : .ofFile(color: report.color)
    let standard = StandardOutput(descriptor: descriptor, name: execution.run ? "standard error" : "standard output")
    var output = try destination?.output() ?? standard
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
    let steps = run.map { ", \(grouped($0.steps)) steps" } ?? ""
    let fdes = verified.reduce(0) { $0 + $1.counts.checkedFDEs }
    let time = (ContinuousClock.now - start).components
    let hundredths = Int(clamping: time.seconds) * 100 + Int(time.attoseconds / 10_000_000_000_000_000)
    let fraction = hundredths % 100
    let files = verified.count == 1 ? "1 file" : "\(grouped(verified.count)) files"
    let seconds = "\(grouped(hundredths / 100)).\(fraction < 10 ? "0" : "")\(fraction)"
    let checked = verified.contains(where: \.isCheckedWhole) ? ", \(grouped(fdes)) FDE\(fdes == 1 ? "" : "s")" : ""
    return "\(files)\(checked)\(steps) in \(seconds) s"
  }
}
