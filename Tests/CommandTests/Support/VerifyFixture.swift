import Foundation
import TestSupport
import Testing

/// Object files for `fibertrace verify`, assembled from Programs/verify in a directory of their own.
struct VerifyFixture {
  let directory: TemporaryDirectory

  /// Assembles the sources of these names as NAME.o.
  init(_ names: String...) throws {
    directory = try TemporaryDirectory()
    for name in names {
      let source = "\(Package.root)/Tests/CommandTests/Programs/verify/\(name).s"
      try build(["-c", source], as: "\(name).o")
    }
  }

  /// Runs gcc; answers the path of what it made.
  @discardableResult
  func build(_ arguments: [String], as name: String) throws -> String {
    let result = try run("/usr/bin/gcc", arguments + ["-o", file(name)], directory: directory.path)
    try #require(result.succeeded, "\(result.report)")
    return file(name)
  }

  func file(_ name: String) -> String { directory.file(name) }

  /// Runs `fibertrace verify` in the directory, so that paths in reports are the same in every run.
  func verify(_ arguments: String...) throws -> CommandResult {
    try run(Package.product("fibertrace"), ["verify"] + arguments, directory: directory.path)
  }

  /// The bytes of a file in the directory.
  func contents(_ name: String) throws -> String {
    try String(contentsOf: URL(filePath: file(name)), encoding: .utf8)
  }
}

extension CommandResult {
  /// The lines of standard error but for the last one, which says how long it took.
  var complaints: [String] {
    errors.split(separator: "\n").map(String.init).filter { $0.wholeMatch(of: /fibertrace: .* in [0-9,.]+ s/) == nil }
  }
}
