import Foundation
import TestSupport
import Testing

@testable import ExecutionVerification

/// Functions whose return address lies elsewhere in the middle: the way they return tells whether their rows are right.
@Suite("A frame that is moved is taken for moved if it returns from there")
struct MovedFrameTests {
  @Test("Rows that follow the return address are right if the function returns from there", arguments: [1, 3, .max])
  func moved(activations: Int) throws { #expect(try mismatches(activations).isEmpty) }

  @Test("They are refuted if it returns from where it was called", arguments: [3, .max])
  func wrong(activations: Int) throws {
    let found = try mismatches(activations, options: ["-DWRONG"])
    // From behind the change of rbp to the last instruction before it is back.
    #expect(Set(found.map(\.address)).count == 5, "\(found)")
    #expect(found.allSatisfy { $0.subject == .cfa && $0.claimed > $0.actual })
  }

  /// In the program's own file.
  private func mismatches(_ activations: Int, options: [String] = []) throws -> [Mismatch] {
    let directory = try TemporaryDirectory()
    let program = directory.file("program")
    let source = "\(Package.root)/Tests/ExecutionVerificationTests/Programs/moved.c"
    let built = try run("/usr/bin/env", ["gcc", "-O1", "-o", program, source] + options)
    try #require(built.succeeded, "\(built.report)")
    var options = RunOptions()
    options.mode = activations == .max ? .all : .sampled(activations: activations)
    let report = try ProgramRun(program: program, arguments: [], options: options).run()
    #expect(report.ending == .exited(0))
    let module = try #require(report.modules.firstIndex { $0.path.hasSuffix("/program") })
    return report.mismatches.filter { $0.module == module }
  }
}
