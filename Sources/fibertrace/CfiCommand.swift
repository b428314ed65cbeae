internal import ArgumentParser
internal import FiberInspection

/// `fibertrace cfi`.
struct CfiCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cfi",
    abstract: "Shows code with its call frame information beside each instruction.",
    discussion: """
      A row holds before the instruction it stands beside, and on until the next row. "~" marks what a row changes, "-" a \
      register whose rule it drops. "rbp@c-16" is saved at CFA - 16, "rsp=c+0" is CFA + 0, "ra" is the return address. \
      Without --function, --address or --all it lists the functions and their FDEs.

      Examples:
        fibertrace cfi build/server                      the functions
        fibertrace cfi build/server --function main
        fibertrace cfi libc.so.6 --function memcpy --source
        fibertrace cfi build/server --address 0x401136   the function around it
        fibertrace cfi switch.o --all --json
        fibertrace cfi --synthesize switch.o --function switch_stack

      --synthesize follows the code of a function from what the ABI says of its entry, whatever rows the file has, and prints \
      the directives that the code calls for. Without --function and --address it holds all functions of the file beside their \
      rows, and lists those that do not agree.

      Exit codes: 0 complete, 1 something could not be read (standard error says what; all else is printed) or, with \
      --synthesize, not be derived (marked "not derived"), 2 no readable x86-64 ELF file with code, no such function, or several, \
      3 not permitted, 64 wrong usage.
      """)

  @Argument(help: "A program, a library or an object file.", completion: .file())
  var file: String

  @Option(
    help: ArgumentHelp(
      "A function by its name, readable or raw, or a part of it. Cold parts come with it.", valueName: "name"))
  var function: String?

  @Option(
    help: ArgumentHelp(
      "The function around this virtual address of the file: hexadecimal, as 0x401136.", valueName: "address"))
  var address: FileAddress?

  @Flag(help: "All code of the file.")
  var all = false

  @Flag(
    help: ArgumentHelp(
      "Makes call frame information of the code alone: directives to paste, behind the instructions they belong after.")
  )
  var synthesize = false

  @Flag(help: "With --synthesize: only the instructions that directives stand behind.")
  var directivesOnly = false

  @Flag(help: "Source lines too.")
  var source = false

  @Flag(help: "The instructions' bytes too.")
  var bytes = false

  @Flag(help: "One JSON document instead of text.")
  var json = false

  @Option(help: ArgumentHelp("When to use colours.", valueName: "when"))
  var color = ColorOption.auto

  func validate() throws {
    guard !file.isEmpty else { throw ValidationError("the file is empty: name an ELF file") }
    guard [function != nil, address != nil, all].count(where: \.self) <= 1 else {
      throw ValidationError("--function, --address and --all exclude each other")
    }
    if function?.isEmpty == true { throw ValidationError("--function is empty: name a function") }
    if function == nil, address == nil, !all, source || bytes {
      throw ValidationError("--source and --bytes are for code: add --function, --address or --all")
    }
    if directivesOnly, !synthesize { throw ValidationError("--directives-only is for --synthesize") }
    if synthesize, bytes || all { throw ValidationError("--synthesize goes with neither --all nor --bytes") }
    if directivesOnly, function == nil && address == nil || json {
      throw ValidationError("--directives-only is for the text of one function: add --function or --address")
    }
  }

  func run() throws {
    do {
      let opened = try ListedFile(path: file)
      if synthesize { try writeSynthesis(of: opened) } else { try writeListing(of: opened) }
    } catch let error as InspectionError {
      throw failure(error)
    } catch let error as FunctionSearchFailure {
      let exit = failure(error.error)
      for candidate in error.candidates { StandardError.write("  \(candidate)") }
      throw exit
    }
  }

  private func writeListing(of opened: ListedFile) throws {
    let report = try ListingReport(subject, of: opened, showsSource: source)
    try write(opened) { output in
      try report.write(to: &output, as: json ? .json : .text(.ofStandardOutput(color: color), showsBytes: bytes))
    }
  }

  private func writeSynthesis(of opened: ListedFile) throws {
    guard let subject = function.map(SynthesisSubject.function) ?? address.map({ .address($0.value) }) else {
      let survey = SynthesisSurveyReport(opened)
      try write(opened) { output in
        try survey.write(to: &output, as: json ? .json : .text(.ofStandardOutput(color: color)))
      }
      return
    }
    let report = try SynthesisReport(subject, of: opened, showsSource: source)
    try write(opened) { output in
      try report.write(
        to: &output, as: json ? .json : .text(.ofStandardOutput(color: color), isBrief: directivesOnly))
    }
    if report.isIncomplete { throw ExitCode(CommandExit.incomplete) }
  }

  /// - Parameter body: writes, and returns what could not be read.
  private func write(_ opened: ListedFile, _ body: (inout StandardOutput) throws -> [String]) throws {
    StandardError.write(opened.problems, othersIn: "the document of --json")
    var output = StandardOutput()
    let problems = try body(&output)
    try output.flush()
    StandardError.write(problems, othersIn: "the document of --json")
    guard opened.problems.isEmpty, problems.isEmpty else { throw ExitCode(CommandExit.incomplete) }
  }

  private var subject: ListingSubject {
    if all { return .all }
    if let function { return .function(function) }
    return address.map { .address($0.value) } ?? .functions
  }

  private func failure(_ error: InspectionError) -> ExitCode {
    StandardError.write(error.description)
    return ExitCode(error.category == .notPermitted ? CommandExit.notPermitted : CommandExit.noTarget)
  }
}

/// A virtual address of a file: hexadecimal with or without "0x".
struct FileAddress: ExpressibleByArgument {
  var value: UInt64

  init?(argument: String) {
    let digits = argument.hasPrefix("0x") || argument.hasPrefix("0X") ? argument.dropFirst(2) : argument[...]
    guard digits.first != "+", let value = UInt64(digits, radix: 16) else { return nil }
    self.value = value
  }
}
