import ExecutionRecordings
import Foundation
import FrameVerification
import TestSupport
import Testing

/// Synthesized rows recover what stepping saw.
struct RecordedTruthTests {
  @Test(
    arguments: [
      ["gcc", "-O0", "frames.c"], ["gcc", "-O2", "frames.c"], ["gcc", "-Os", "frames.c"],
      ["clang", "-O2", "-fomit-frame-pointer", "frames.c"], ["g++", "-O2", "exceptions.cpp"],
      ["clang++", "-Os", "exceptions.cpp"], ["swiftc", "-O", "-parse-as-library", "kinds.swift"],
    ])
  func synthesizedRowsRecoverWhatSteppingSaw(_ command: [String]) throws {
    let directory = try TemporaryDirectory()
    let program = directory.file("program")
    let source = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "MutationTests/Programs/\(command[command.count - 1])").path
    let built = try run(command[0], Array(command.dropFirst().dropLast()) + ["-o", program, source])
    try #require(built.succeeded, "\(built.report)")
    let isSwift = command[0] == "swiftc"
    let recording = try Recording(running: program, notPreserved: isSwift ? Activation.swiftErrors : 0)
    var file = try SynthesizedFile(program)
    let tally = VisitTally(recording, in: &file, claimed: isSwift ? 0 : Activation.calleeSaved)
    #expect(tally.wrong.isEmpty, "\(tally.wrong.count) of \(recording.visits.count): \(tally.wrong.prefix(8))")
    #expect(tally.open == 0 && tally.silent == 0, "\(tally.open), \(tally.silent)")
    #expect(tally.right > 1000)
  }
}
