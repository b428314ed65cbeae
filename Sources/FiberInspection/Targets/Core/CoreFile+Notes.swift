internal import CallFrameInfo

extension CoreFile {
  /// Most that is read of notes, in bytes, and their number: those of 100,000 fibers and 20,000 threads and more. A
  /// sparse file may claim more than there is memory.
  private static let noteLimit: (bytes: UInt64, count: Int) = (1 << 28, 1 << 19)

  /// Calls `body` with each note. False if there were too many to read them all.
  ///
  /// - Parameter failure: called with what is wrong with a segment of them.
  /// - Complexity: O(size of the notes).
  func forEachNote(_ body: (Note) -> Void, failure: (ELFError) -> Void = { _ in }) -> Bool {
    // Segments of notes that overlap would make more work than the file is long.
    var budget = min(bytes.size, Self.noteLimit.bytes)
    var left = Self.noteLimit.count
    for segment in segments where segment.kind == .note {
      let notes = bytes.bytes(at: segment.fileOffset, count: min(segment.fileSize, budget))
      budget -= UInt64(notes.count)
      var reader = NoteReader(notes, alignment: segment.alignment, source: path, base: segment.fileOffset)
      do {
        while left > 0, let note = try reader.next() {
          body(note)
          left -= 1
        }
      } catch {
        failure(error)
      }
    }
    return left > 0 && !(budget == 0 && bytes.size >= Self.noteLimit.bytes)
  }
}
