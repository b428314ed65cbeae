internal import ArgumentParser
internal import FiberInspection
internal import FoundationEssentials
internal import FrameVerification

/// The baseline and the suppressions of one run of `verify`.
struct VerifyWaivers {
  private let options: WaiverOptions
  private let baseline: Baseline?
  private let suppressions: Suppressions?
  private let written: OutputFile?

  /// Reads and opens the files, before any work.
  ///
  /// - Throws: an exit code, after a line to standard error.
  init(_ options: WaiverOptions) throws {
    self.options = options
    baseline = try options.baseline.map { path in
      let bytes = try Self.bytes(of: path, expected: "a baseline")
      do throws(Baseline.Failure) {
        return try Baseline(json: Data(bytes))
      } catch {
        throw Self.failure("\(path): \(error)")
      }
    }
    suppressions = try options.suppressions.map { path in
      let bytes = try Self.bytes(of: path, expected: "a file of suppressions")
      do throws(Suppressions.Failure) {
        return try Suppressions(parsing: String(decoding: bytes, as: UTF8.self))
      } catch {
        throw Self.failure("\(path): \(error)")
      }
    }
    written = try options.writeBaseline.map(OutputFile.init)
  }

  /// Refuses to write the baseline over one of `inputs`.
  ///
  /// - Throws: an exit code, after a line to standard error.
  func requireOther(than inputs: some Sequence<String>) throws { try written?.requireOther(than: inputs) }

  /// Marks what is waived, writes the new baseline, and says what nobody needs any more.
  ///
  /// - Parameter isWhole: all of the files was looked at, so that what is not there is gone.
  func apply(to report: inout Report, isWhole: Bool) throws {
    if let suppressions, let path = options.suppressions {
      let unused = suppressions.waive(&report)
      for entry in unused where isWhole {
        StandardError.write(
          "\(path): line \(entry.line): nothing to suppress: no finding of \(entry.rule ?? "any rule") in "
            + "\(entry.function.text)")
      }
    }
    if let baseline, let path = options.baseline {
      let gone = baseline.waive(&report)
      if gone > 0, isWhole, options.writeBaseline == nil {
        let count = gone == 1 ? "1 finding is" : "\(grouped(gone)) findings are"
        StandardError.write("\(path): \(count) gone: write it again by --write-baseline")
      }
    }
    guard let written, let path = options.writeBaseline else { return }
    guard report.files.allSatisfy({ $0.failure == nil }) else {
      StandardError.write(
        "\(path): not written: what is known of the files that could not be read would be gone from it")
      return
    }
    let new = Baseline(of: report)
    var output = try written.output()
    output.write(Array(try new.json()))
    try output.flush(otherwise: VerifyExit.unreadable)
    // It has all of them.
    _ = new.waive(&report)
  }

  private static func bytes(of path: String, expected: String) throws -> [UInt8] {
    do throws(InspectionError) {
      return try SmallFile.bytes(of: path, expected: expected)
    } catch {
      throw failure(error.description)
    }
  }

  private static func failure(_ message: String) -> ExitCode {
    StandardError.write(message)
    return ExitCode(VerifyExit.unreadable)
  }
}
