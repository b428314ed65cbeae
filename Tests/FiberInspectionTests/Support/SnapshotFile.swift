import TestSupport
import Testing

/// Compares `text` with the file `name` in Snapshots/ beside the test. A missing file is written, and the test fails.
func expectSnapshot(
  _ text: String, _ name: String, test: String = #filePath, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let expected = try snapshot(name, or: text, beside: test)
  #expect(text == expected, sourceLocation: sourceLocation)
}
