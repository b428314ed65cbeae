import Foundation
import TestSupport

/// Programs/endings.c, built once.
enum EndingsProgram {
  private static let directory = Result { try TemporaryDirectory() }
  private static let built = Result {
    let program = try directory.get().file("endings")
    let source = "\(Package.root)/Tests/ExecutionVerificationTests/Programs/endings.c"
    let result = try run("/usr/bin/env", ["gcc", "-g", "-O1", "-pthread", "-o", program, source])
    guard result.succeeded else { throw NotBuilt(description: "\(result.report)") }
    return program
  }

  static var path: String { get throws { try built.get() } }

  private struct NotBuilt: Error, CustomStringConvertible {
    var description: String
  }
}
