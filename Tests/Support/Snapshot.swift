internal import Foundation

/// What the file `name` in Snapshots/ beside a test holds, with ".txt" where the name has no extension.
///
/// - Parameters:
///   - text: what is written where there is no such file.
///   - test: the test's source file.
/// - Throws: that the file was missing and is written now: it is then reviewed like code.
package func snapshot(_ name: String, or text: String, beside test: String = #filePath) throws -> String {
  let directory = URL(filePath: test).deletingLastPathComponent().appending(path: "Snapshots")
  let file = directory.appending(path: name.contains(".") ? name : name + ".txt")
  guard FileManager.default.fileExists(atPath: file.path) else {
    try Data(text.utf8).write(to: file)
    throw SnapshotWritten(description: "wrote the missing snapshot \(file.path): review it")
  }
  return String(decoding: try Data(contentsOf: file), as: UTF8.self)
}

private struct SnapshotWritten: Error, CustomStringConvertible {
  var description: String
}
