internal import CallFrameInfo
internal import Foundation
internal import FrameVerification

/// The functions of a file, the rows that their code calls for beside their own, as text or as JSON.
package struct SynthesisSurveyReport {
  /// How it looks.
  package enum Format {
    /// For people: the numbers, and the functions that do not agree.
    case text(TextStyle)
    /// One JSON document.
    case json
  }

  private let file: ListedFile
  private let functions: [SynthesisSurvey.Function]
  private let problems: [String]

  /// Looks at all functions that have an FDE, on all cores.
  package init(_ file: ListedFile) {
    self.file = file
    let survey = SynthesisSurvey(file)
    functions = survey.functions(workers: ProcessInfo.processInfo.activeProcessorCount)
    problems = survey.problems
  }

  /// Writes it.
  ///
  /// - Returns: what could not be read, one line each.
  /// - Throws: `EncodingError`, never for what a file can hold.
  package func write(to output: inout some ByteOutput, as format: Format) throws -> [String] {
    switch format {
    case .text(let style):
      var text = TextBuffer(usesColor: style.usesColor)
      append(to: &text)
      output.write(text.bytes)
    case .json:
      var json = JSONStream(output)
      try write(to: &json)
      output = json.finish()
    }
    return problems
  }

  private func count(_ outcome: SynthesisSurvey.Outcome) -> Int { functions.count { $0.outcome == outcome } }

  private func append(to text: inout TextBuffer) {
    let agreeing = count(.agrees)
    let called = functions.count - count(.uncalled)
    let share = called == 0 ? 100 : 100 * Double(agreeing) / Double(called)
    let others = SynthesisSurvey.Outcome.allCases.filter { $0 != .agrees && count($0) > 0 }
      .map { "; \($0.rawValue) \(count($0))" }.joined()
    text.styled(.bold) { text in
      text.append(
        "\(file.path.escapedForTerminal): \(counted(called, "function")) with call frame information; ")
      text.append(
        "synthesized rows recover the same values in \(agreeing) (\(String(format: "%.2f", share)) %)\(others)")
    }
    text.endLine()
    for function in functions where function.outcome != .agrees {
      text.append(spaces: 2)
      text.append(hexadecimal: function.head, width: file.addressWidth)
      text.append("  \(function.outcome.rawValue)")
      text.pad(to: file.addressWidth + 17, minimum: 2)
      if let place = function.place { text.append("at \(hexadecimal(place))") }
      text.pad(to: 2 * file.addressWidth + 24, minimum: 2)
      text.append(file.symbols.symbol(at: function.head)?.title() ?? "(no symbol)")
      text.endLine()
    }
  }

  private func write(to json: inout JSONStream<some ByteOutput>) throws {
    json.beginObject(lines: true)
    try json.member("version", SynthesizedJSON.version)
    try json.member("file", file.path)
    try json.member("buildID", file.elf.buildID?.hexadecimal)
    try json.member("functions", functions.count - count(.uncalled))
    try json.member("instructions", functions.reduce(0) { $0 + $1.instructions })
    json.key("outcomes")
    json.beginObject()
    for outcome in SynthesisSurvey.Outcome.allCases { try json.member(outcome.rawValue, count(outcome)) }
    json.endObject()
    json.key("others")
    json.beginArray(lines: true)
    for function in functions where function.outcome != .agrees {
      try json.value(
        FunctionJSON(
          name: file.symbols.symbol(at: function.head)?.name, address: hexadecimal(function.head),
          outcome: function.outcome.rawValue, at: function.place.map(hexadecimal)))
    }
    json.endArray()
    try json.member("problems", file.problems + problems)
    json.endObject()
  }

  private struct FunctionJSON: Encodable {
    var name: String?
    var address: String
    var outcome: String
    var at: String?
  }
}
