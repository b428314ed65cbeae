import Foundation
import TestSupport
import Testing

@testable import CallFrameInfo
@testable import FiberInspection

/// Programs/listing.S, assembled and linked to a fixed address once.
enum ListingFixture {
  private static let directory = Result { try TemporaryDirectory() }

  /// The linked program, with its code at 0x401000.
  static func program() throws -> String { try built.get().program }
  /// The object file.
  static func object() throws -> String { try built.get().object }

  private static let built = Result { () throws -> (program: String, object: String) in
    let source = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Programs/listing.S").path
    let files = try directory.get()
    let (object, program) = (files.file("listing.o"), files.file("listing"))
    try require("/usr/bin/as", ["--64", "-o", object, source])
    try require(
      "/usr/bin/ld", ["-Ttext=0x401000", "-e", "framed", "--build-id=none", "--eh-frame-hdr", "-o", program, object])
    return (program, object)
  }

  private static func require(_ path: String, _ arguments: [String]) throws {
    let result = try run(path, arguments)
    // A failed #require is recorded in the test that asks first, and the others would pass.
    guard result.status == 0 else { throw BuildFailure(messages: result.report) }
  }

  private struct BuildFailure: Error {
    var messages: String
  }
}

/// Collects what is written.
struct CollectedOutput: ByteOutput {
  var bytes: [UInt8] = []
  var text: String { String(decoding: bytes, as: UTF8.self) }

  mutating func write(_ bytes: [UInt8]) { self.bytes += bytes }
}

/// The report on `path` as text or JSON, its path replaced by "FILE".
func listing(
  _ subject: ListingSubject, of path: String, as format: ListingReport.Format = .text(TextStyle(), showsBytes: false)
) throws -> (text: String, problems: [String]) {
  let file = try ListedFile(path: path)
  var output = CollectedOutput()
  let problems = try ListingReport(subject, of: file, showsSource: false).write(to: &output, as: format)
  return (output.text.replacing(path, with: "FILE"), file.problems + problems)
}
