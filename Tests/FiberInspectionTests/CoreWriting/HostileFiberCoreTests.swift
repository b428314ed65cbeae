import CallFrameInfo
import Foundation
import TestSupport
import Testing

@testable import FiberInspection

/// Cores and targets of which no fiber core can be made, or only a part.
@Suite struct HostileFiberCoreTests {
  @Test func aTruncatedCoreIsTakenOverAsFarAsItGoes() throws {
    let directory = try TemporaryDirectory()
    let path = try CoreMaker.gcore.make(of: "many", "3", in: directory)
    let size = try CoreFile(path: path).bytes.size
    unsafe #expect(truncate(path, Int(size / 2)) == 0)
    let core = try WrittenCore(ofCore: path, in: directory)
    #expect(core.summary.problems.contains { $0.description.contains("is truncated") })
    let written = try CoreFile(path: core.path)
    #expect(written.missing.bytes == 0)
    // Notes do not stand in the place of missing memory.
    let before = CoreMemory(try CoreFile(path: path))
    let after = CoreMemory(written)
    for segment in written.segments where segment.kind == .load {
      let count = Int(segment.memorySize)
      #expect(
        after.bytes(at: segment.virtualAddress, count: count) == before.bytes(at: segment.virtualAddress, count: count))
    }
  }

  @Test func whatIsNoCoreIsRefusedInOneLine() throws {
    let directory = try TemporaryDirectory()
    func refusal(_ path: String) throws -> InspectionError? {
      let output = try WrittenCore.empty(directory.file(UUID().uuidString))
      do throws(InspectionError) {
        _ = try FiberCore.write(core: path, to: output)
        return nil
      } catch {
        #expect(!error.description.contains("\n"))
        return error
      }
    }
    #expect(try refusal(directory.file("none"))?.code == .notFound)
    #expect(try refusal(directory.path)?.code == .notAFile)
    #expect(try refusal("/usr/bin/env")?.code == .notACore)
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: "/usr/bin/env")).prefix(64 + 56))
    bytes[16] = 4
    bytes[32] = 64
    (bytes[56], bytes[64]) = (1, 1)
    try Data(bytes).write(to: URL(filePath: directory.file("noteless")))
    #expect(try refusal(directory.file("noteless"))?.text.contains("without notes (PT_NOTE)") == true)
  }

  @Test func aFileThatCannotBeWrittenIsAnErrorAndTheProcessRunsOn() throws {
    let running = try RunningProgram("states")
    try running.settle()
    let full = OpenFile(descriptor: unsafe open("/dev/full", O_RDWR | O_CLOEXEC), path: "/dev/full")
    do throws(InspectionError) {
      _ = try FiberCore.write(processID: running.id, to: full)
      Issue.record("a full device was written to")
    } catch {
      #expect(error.code == .notWritten)
      #expect(error.description.hasPrefix("/dev/full: No space left on device"))
    }
    try running.expectUnharmed()
  }

  @Test func aDestinationLeavesNothingBehindUnlessItIsCommitted() throws {
    let directory = try TemporaryDirectory()
    try directory.write("before", to: "core")
    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() }
    do {
      let destination = try CoreDestination(path: directory.file("core"))
      #expect(try names().count == 2)
      #expect(destination.file.descriptor >= 0)
    }
    #expect(try names() == ["core"])
    #expect(try String(contentsOfFile: directory.file("core"), encoding: .utf8) == "before")
    unsafe #expect(symlink("core", directory.file("link")) == 0)
    do {
      let destination = try CoreDestination(path: directory.file("link"))
      unsafe #expect(write(destination.file.descriptor, "after", 5) == 5)
      try destination.commit()
    }
    #expect(try names() == ["core", "link"])
    #expect(try String(contentsOfFile: directory.file("core"), encoding: .utf8) == "after")
  }

  @Test func randomChangesToAFiberCoreNeverTrap() throws {
    let directory = try TemporaryDirectory()
    let running = try RunningProgram("states")
    try running.settle()
    let path = try WrittenCore(of: running.id, .stacks, in: directory).path
    let core = try CoreFile(path: path)
    let notes = try #require(core.segments.first { $0.kind == .note }?.fileRange)
    let whole = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let tableEnd = 64 + core.segments.count * 56
    var generator = SplitMix(state: 11)
    let file = try FileHandle(forUpdating: URL(filePath: path))
    var written = 0
    for round in 0..<400 {
      var changed: [Int] = []
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        let place =
          Bool.random(using: &generator)
          ? Int.random(in: 0..<tableEnd, using: &generator)
          : Int.random(in: Int(notes.lowerBound)..<Int(notes.upperBound), using: &generator)
        changed.append(place)
        let value = [0, 1, 0x7f, 0x80, 0xff, UInt8.random(in: 0...255, using: &generator)].randomElement(
          using: &generator)
        try file.seek(toOffset: UInt64(place))
        file.write(Data([value ?? 0]))
      }
      if let made = try? WrittenCore(ofCore: path, round % 2 == 0 ? .memory : .stacks, in: directory) {
        written += 1
        #expect(made.summary.problems.allSatisfy { !$0.description.contains("\n") })
        // Hostile segments overlap; no more is written than there is.
        #expect(made.summary.written < 64 << 20)
        try FileManager.default.removeItem(atPath: made.path)
      }
      for place in changed {
        try file.seek(toOffset: UInt64(place))
        file.write(Data([whole[place]]))
      }
    }
    #expect(written > 100)
  }
}
