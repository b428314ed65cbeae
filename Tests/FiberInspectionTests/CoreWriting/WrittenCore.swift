import CallFrameInfo
import Foundation
import TestSupport
import Testing

@testable import FiberInspection

/// A core with fibers as threads, written by the library.
struct WrittenCore {
  let path: String
  let summary: FiberCore.Summary

  /// Of a process.
  init(of process: Int32, _ contents: FiberCore.Contents = .memory, in directory: TemporaryDirectory) throws {
    path = directory.file("\(UUID().uuidString).core")
    summary = try FiberCore.write(processID: process, to: try Self.empty(path), contents: contents)
  }

  /// Of a core.
  init(ofCore core: String, _ contents: FiberCore.Contents = .memory, in directory: TemporaryDirectory) throws {
    path = directory.file("\(UUID().uuidString).core")
    summary = try FiberCore.write(core: core, to: try Self.empty(path), contents: contents)
  }

  static func empty(_ path: String) throws -> OpenFile {
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    try #require(descriptor >= 0)
    return OpenFile(descriptor: descriptor, path: path)
  }

  /// NT_PRSTATUS of all threads, those of fibers too.
  func threads() throws -> [Int32: [UInt64]] {
    let core = try CoreFile(path: path)
    var threads: [Int32: [UInt64]] = [:]
    _ = core.forEachNote { note in
      guard note.name == "CORE", note.type == CoreNoteType.status, let id: Int32 = note.descriptor.littleEndian(32)
      else {
        return
      }
      #expect(threads[id] == nil, "thread \(id) is there twice")
      threads[id] = UserRegisters.words(note.descriptor.dropFirst(112))
    }
    return threads
  }

  /// What a dump of it prints, without the first line, which names the core.
  func dump() throws -> String {
    var text = ""
    TextReport(Dump(of: try Snapshot.load(core: path)), style: TextStyle(usesUnicode: true)).write(to: &text)
    return text.split(separator: "\n").dropFirst().joined(separator: "\n")
  }
}
