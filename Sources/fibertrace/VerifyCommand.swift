internal import ArgumentParser
internal import FiberInspection
internal import FrameVerification
internal import VerificationReports

/// `fibertrace verify`.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Checks the call frame information of x86-64 ELF files.")

  @Argument(help: "Programs, libraries and object files.", completion: .file())
  var files: [String]

  @Flag(help: "List what is unknown, too; exit with 2 if there is any.")
  var strict = false

  @Flag(help: "Code without an FDE is an error.")
  var requireCoverage = false

  @Option(help: ArgumentHelp("A function by its name.", valueName: "name"))
  var function: [String] = []

  @Option(help: ArgumentHelp("How to write the report.", valueName: "format"))
  var format = ReportFormat.text

  @Option(help: ArgumentHelp("When to use colours.", valueName: "when"))
  var color = ColorOption.auto

  @Option(help: ArgumentHelp("Threads.", valueName: "number"))
  var jobs = 2

  func run() throws {
    var options = VerificationOptions()
    options.functions = function
    options.listsUnknown = strict
    options.requiresCoverage = requireCoverage
    options.workers = jobs
    var report = Report(files: [], assumptions: EdgeCheck.assumptions)
    for path in files {
      do {
        report.files.append(try FileVerification(path: path, options: options).run())
      } catch {
        StandardError.write(error.description)
      }
    }
    var output = StandardOutput()
    try ReportWriter.write(
      report, as: format, style: .ofStandardOutput(color: color), showsNotes: strict, to: &output)
    try output.flush()
  }
}

extension ReportFormat: ExpressibleByArgument {}
