internal import ArgumentParser
internal import FiberInspection
internal import FrameVerification

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

  @Option(help: ArgumentHelp("Threads.", valueName: "number"))
  var jobs = 2

  func run() throws {
    var options = VerificationOptions()
    options.functions = function
    options.listsUnknown = strict
    options.requiresCoverage = requireCoverage
    options.workers = jobs
    for path in files {
      do {
        let file = try FileVerification(path: path, options: options).run()
        let c = file.counts
        print("\(path): \(c.fdes) FDEs, \(c.instructions) instructions, \(c.proved) proved, \(c.refuted) refuted, \(c.unknownTotal) unknown: " + c.unknown.map { "\($0.reason.rawValue) \($0.count)" }.joined(separator: ", "))
        for f in file.findings {
          print("  \(f.severity) \(f.rule.id) \(f.function ?? "-") \(String(f.pc ?? 0, radix: 16)) \(f.section ?? "")+\(f.offset ?? 0): \(f.explanation)")
          if let story = f.story {
            print("    \(story.evidence.claim) | \(story.evidence.reality) | \(story.evidence.consequence) | \(story.evidence.remedy.map { "\($0)" } ?? "")")
            for l in story.lines { print("     \(l.mark.map(\.rawValue) ?? "") \(String(l.address, radix: 16)) \(l.text)  | \(l.row ?? "")") }
          }
        }
      } catch {
        StandardError.write(error.description)
      }
    }
  }
}
