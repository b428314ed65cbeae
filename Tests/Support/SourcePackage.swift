internal import Foundation

/// Paths of this package, and of what was built of it.
package enum Package {
  /// Its folder.
  package static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// A product, next to the test bundle.
  ///
  /// - Throws: that it is not built.
  package static func product(_ name: String) throws -> String {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return try built(URL(filePath: tests).deletingLastPathComponent().appending(path: name).path, by: "swift build")
  }

  /// A product of the release build, which Scripts/test makes first.
  ///
  /// - Throws: that it is not built.
  package static func release(_ name: String) throws -> String {
    try built("\(root)/.build/release/\(name)", by: "Scripts/test")
  }

  private static func built(_ path: String, by command: String) throws -> String {
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw NotBuilt(description: "\(path) is not built: run \(command)")
    }
    return path
  }

  private struct NotBuilt: Error, CustomStringConvertible {
    var description: String
  }
}
