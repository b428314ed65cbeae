internal import ArgumentParser
internal import FiberInspection

struct SurveyProbe: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "probe")
  @Argument var files: [String]
  func run() throws {
    for file in files {
      let survey = SynthesisSurvey(try ListedFile(path: file))
      let functions = survey.functions(workers: 2)
      var line = "\(file) \(functions.count)"
      for outcome in SynthesisSurvey.Outcome.allCases {
        line += " \(outcome.rawValue)=\(functions.count { $0.outcome == outcome })"
      }
      print(line)
      for f in functions where f.outcome != .agrees {
        print("  \(f.outcome.rawValue) \(String(f.head, radix: 16)) at \(String(f.place ?? 0, radix: 16)) of \(f.instructions)")
      }
    }
  }
}
