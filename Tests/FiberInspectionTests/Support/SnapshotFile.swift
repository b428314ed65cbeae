import Foundation
import Testing

/// Compares `text` with the file `name` in Snapshots/ beside the test, with ".txt" where the name has no extension. A missing
/// file is written, and the test fails: the file is then reviewed like code.
func expectSnapshot(
  _ text: String, _ name: String, test: String = #filePath, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let directory = URL(filePath: test).deletingLastPathComponent().appending(path: "Snapshots")
  let file = directory.appending(path: name.contains(".") ? name : name + ".txt")
  guard FileManager.default.fileExists(atPath: file.path) else {
    try Data(text.utf8).write(to: file)
    Issue.record("wrote the missing snapshot \(file.path): review it", sourceLocation: sourceLocation)
    return
  }
  let expected = String(decoding: try Data(contentsOf: file), as: UTF8.self)
  #expect(text == expected, sourceLocation: sourceLocation)
}
