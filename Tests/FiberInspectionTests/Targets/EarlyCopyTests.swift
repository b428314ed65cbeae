import Foundation
import TestSupport
import Testing

@testable import FiberInspection

/// Stacks copied while the process runs, and what changes before it stands still.
@Suite struct EarlyCopyTests {
  /// A process that changes in the way that `what` names between the copies.
  private struct Changed {
    let program: RunningProgram
    let snapshot: Snapshot
    /// Addresses of the words that its two fibers count with.
    let same: UInt64
    let other: UInt64

    init(_ what: String, _ arguments: String..., through wrapper: [String] = []) throws {
      let command = wrapper + [try FiberProgram.path(), "changing", what] + arguments
      let program = try RunningProgram(arguments: Array(command.dropFirst()), path: command[0])
      let words = program.firstLine.split(separator: " ").compactMap { UInt64($0, radix: 16) }
      try #require(words.count == 2, "\(program.firstLine)")
      (same, other) = (words[0], words[1])
      var capture = ProcessCapture(target: try ProcessTarget(program.id))
      capture.betweenCopies = {
        program.send(34)
        do { #expect(try program.nextLine() == "done") } catch { Issue.record(error) }
      }
      let place = capture.target.place
      let made = capture
      snapshot = try TracingThread.run({ () throws(InspectionError) in try made.run() }, place: place)
      self.program = program
      try program.expectUnharmed()
      #expect(snapshot.problems.isEmpty, "\(snapshot.problems)")
    }

    func fiber(_ name: String) -> FiberSnapshot? {
      snapshot.registries.lazy.flatMap(\.fibers).first { $0.name == name }
    }
  }

  @Test func aFiberResumedMeanwhileIsCopiedAgain() throws {
    let changed = try Changed("resumed")
    #expect(changed.fiber("other")?.timesResumed == 2)
    #expect(changed.snapshot.memory.word(at: changed.other) == 2001)
    #expect(changed.snapshot.memory.word(at: changed.same) == 1000)
    for name in ["same", "other"] { #expect(changed.snapshot.holdsFrames(of: try #require(changed.fiber(name)))) }
  }

  @Test func theStackOfAFiberReleasedMeanwhileIsGone() throws {
    let changed = try Changed("released")
    #expect(changed.fiber("other") == nil)
    #expect(changed.snapshot.memory.word(at: changed.other) == nil)
    #expect(changed.snapshot.memory.word(at: changed.same) == 1000)
  }

  @Test func aRecordUsedAgainMeanwhileShowsTheNewFiber() throws {
    let changed = try Changed("reused")
    #expect(changed.fiber("other") == nil)
    let another = try #require(changed.fiber("another"))
    #expect(another.id == 3)
    #expect(changed.snapshot.holdsFrames(of: another))
    // The kernel gives its stack the addresses just freed.
    #expect(changed.snapshot.memory.word(at: changed.other) != 2000)
  }

  @Test func aFiberCreatedMeanwhileIsThere() throws {
    let changed = try Changed("created")
    #expect(changed.snapshot.holdsFrames(of: try #require(changed.fiber("new"))))
    #expect(changed.snapshot.memory.word(at: changed.other) == 2000)
  }

  @Test func aRegistryThatAppearsMeanwhileIsRead() throws {
    let directory = try TemporaryDirectory()
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().path
    let include = URL(filePath: root).deletingLastPathComponent().deletingLastPathComponent().path
    let built = try run(
      "/usr/bin/env",
      [
        "clang", "-shared", "-fPIC", "-I\(include)/Sources/CFiberAsm/include", "-o", directory.file("library.so"),
        "\(root)/Programs/registry.c",
      ])
    try #require(built.status == 0, "\(built.report)")
    let changed = try Changed("loaded", directory.file("library.so"))
    #expect(changed.snapshot.registries.map(\.runtime).sorted() == ["FiberTrace", "a library"])
    #expect(changed.fiber("from a library") != nil)
    #expect(changed.snapshot.memory.word(at: changed.same) == 1000)
  }

  /// Without randomized addresses nothing but the stacks' contents tells the two programs apart.
  @Test func aProgramThatReplacesItselfMeanwhileIsCopiedAgain() throws {
    let changed = try Changed("executed", through: ["/usr/bin/setarch", "-R"])
    #expect(changed.fiber("same")?.id == 1)
    #expect(changed.snapshot.memory.word(at: changed.same) == 5000)
    #expect(changed.snapshot.memory.word(at: changed.other) == 6000)
  }

  /// Frozen by SIGSTOP after the early copy of a process that never rests, it is captured again without one.
  @Test func withAndWithoutAnEarlyCopyABusyProcessReadsTheSame() throws {
    let program = try RunningProgram("churn", "3")
    var early = 0
    for _ in 0..<30 {
      var capture = ProcessCapture(target: try ProcessTarget(program.id))
      capture.betweenCopies = {
        // The early copy is of some moments ago.
        usleep(UInt32.random(in: 0..<300))
        program.send(SIGSTOP)
        while (try? program.threadStates().allSatisfy { $0.state == "T" }) == false { usleep(100) }
      }
      let first = capture
      let place = capture.target.place
      let two = try TracingThread.run({ () throws(InspectionError) in try first.run() }, place: place)
      capture.betweenCopies = {}
      capture.copiesEarly = false
      while (try? program.threadStates().allSatisfy { $0.state == "T" }) == false { usleep(100) }
      let second = capture
      let one = try TracingThread.run({ () throws(InspectionError) in try second.run() }, place: place)
      program.send(SIGCONT)

      #expect(two.problems == one.problems)
      #expect(two.threads.map(\.registers) == one.threads.map(\.registers))
      let fibers = try #require(one.registries.first?.fibers)
      #expect(two.registries.first?.fibers.map(\.id) == fibers.map(\.id))
      for (fiber, other) in zip(fibers, two.registries.first?.fibers ?? []) {
        #expect(fiber.count == other.count && fiber.link == other.link && fiber.high == other.high)
        #expect(fiber.name == other.name && fiber.waitReason == other.waitReason)
        guard (fiber.low..<fiber.base).contains(fiber.savedStackPointer) else { continue }
        // To the base and the words above it.
        let size = Int(fiber.base - fiber.savedStackPointer) + 48
        let live = one.memory.bytes(at: fiber.savedStackPointer, count: size)
        #expect(live.count == size)
        #expect(two.memory.bytes(at: fiber.savedStackPointer, count: size) == live)
        early += fiber.isOnThread ? 0 : 1
      }
    }
    #expect(early > 0)
    try program.expectUnharmed()
  }
}
