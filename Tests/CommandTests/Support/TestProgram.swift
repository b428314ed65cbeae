import Foundation
import TestSupport
import Testing

/// Programs of Tests/CommandTests/Programs, each form built once.
enum TestProgram {
  private static let directory = Result { try TemporaryDirectory() }

  /// Every fiber state; see states.c.
  static let states = Result { try build("states", as: "states") }
  /// The same, linked to fixed addresses.
  static let fixedStates = Result { try build("states", as: "fixed", ["-no-pie", "-fno-pie"]) }
  /// The same with everything in one file.
  static let staticStates = Result { try build("states", as: "static", ["-static"]) }
  /// The same without debug information and symbols.
  static let strippedStates = Result { try build("states", as: "stripped", ["-s"]) }
  /// Threads for comparison with other debuggers; see threads.c.
  static let threads = Result { try build("threads", as: "threads") }

  /// A function whose CFA libdw cannot evaluate; see sized.c.
  static let sized = Result { try build("sized", as: "sized") }

  /// Many modules; see modules.c.
  static let modules = Result { try build("modules", as: "modules") }

  private static func build(_ source: String, as name: String, _ options: [String] = []) throws -> String {
    let assembly = "\(Package.root)/Sources/CFiberAsm"
    let output = try directory.get().file(name)
    let sources =
      ["\(Package.root)/Tests/CommandTests/Programs/\(source).c"]
      + ["fiber_x86_64.S", "personality.c", "registry.c", "records.c"].map { "\(assembly)/\($0)" }
    let result = try run(
      "/usr/bin/env",
      ["clang", "-g", "-O1", "-pthread", "-Wl,--build-id", "-I\(assembly)/include", "-o", output] + options + sources)
    // A failed #require is recorded in the test that asks first, and the others would pass.
    guard result.status == 0 else { throw BuildFailure(messages: result.errors) }
    return output
  }

  private struct BuildFailure: Error {
    var messages: String
  }
}
