internal import FiberInspection
internal import FrameVerification

/// The document of `Docs/verify-json.md`.
struct ReportJSON {
  private let directory: String?

  init(directory: String?) { self.directory = directory }

  func write(_ report: Report, to output: inout some ByteOutput) throws {
    var stream = JSONStream(output)
    stream.beginObject(lines: true)
    try stream.member("version", 1)
    try stream.member("assumptions", report.assumptions)
    try stream.member("run", report.run.map(RunJSON.init))
    stream.key("files")
    stream.beginArray(lines: true)
    for file in report.files {
      stream.beginObject()
      try stream.member("file", file.path)
      try stream.member("buildID", file.buildID)
      try stream.member("failure", file.failure)
      if file.isCheckedWhole {
        try stream.member("counts", CountsJSON(file.counts, isJoined: file.execution != nil))
      }
      try stream.member("execution", file.execution.map(ExecutionJSON.init))
      stream.key("findings")
      stream.beginArray(lines: true)
      for finding in file.findings { try stream.value(FindingJSON(finding, in: file)) }
      stream.endArray()
      try stream.member("problems", file.problems)
      stream.endObject()
    }
    stream.endArray()
    stream.endObject()
    output = stream.finish()
  }
}
