package import FiberInspection
package import FrameVerification

/// Writes reports. The same bytes for the same report: no times, no addresses of this process, no order of hash tables.
package enum ReportWriter {
  /// Writes a report in one format. Linear in its size; beside the report itself, text, JSON and SARIF need the memory of one finding.
  ///
  /// - Parameters:
  ///   - report: what was found.
  ///   - format: how it is written.
  ///   - style: of `text`: colours, width, what source paths are relative to (in every format).
  ///   - showsNotes: of `text`: findings that are notes, and those that a baseline or a suppression waives, are shown, not counted.
  ///   - output: receives it.
  /// - Throws: `EncodingError`, and what templates throw; neither for any report.
  package static func write(
    _ report: Report, as format: ReportFormat, style: TextStyle = TextStyle(), showsNotes: Bool = false,
    to output: inout some ByteOutput
  ) throws {
    switch format {
    case .text: ReportText(style: style, showsNotes: showsNotes).write(report, to: &output)
    case .json: try ReportJSON(directory: style.directory).write(report, to: &output)
    case .sarif: try SARIFLog(directory: style.directory).write(report, to: &output)
    case .junit: try JUnitReport(directory: style.directory).write(report, to: &output)
    case .html: try HTMLReport(directory: style.directory).write(report, to: &output)
    }
  }
}
