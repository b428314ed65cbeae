import FiberTrace
import Foundation
import Testing

@Suite("Statistics")
struct StatisticsTests {
  @Test("of a fiber count its resumes and tell its stack's size, in every state")
  func ofOne() throws {
    let fiber = try Fiber<Void, FiberStatistics?, Void>(stackSize: 20_000) { suspend, _ in
      for _ in 0..<3 { try suspend(nil) }
    }
    var counts = [fiber.statistics.resumeCount]
    for _ in 0..<4 {
      _ = try fiber.resume()
      counts.append(fiber.statistics.resumeCount)
    }
    #expect(counts == [0, 1, 2, 3, 4])
    #expect(fiber.state == .finished)
    #expect(fiber.statistics.stackSize == 20_480)
  }

  @Test("of a fiber that runs count the resume that it runs by")
  func ofRunning() throws {
    var fiber: Fiber<Void, Void, Void>?
    var counts: [UInt64?] = []
    fiber = try Fiber { suspend, _ in
      counts.append(fiber?.statistics.resumeCount)
      try suspend()
      counts.append(fiber?.statistics.resumeCount)
    }
    _ = try fiber?.resume()
    _ = try fiber?.resume()
    #expect(counts == [1, 2])
    fiber = nil
  }

  @Test("of the process count fibers by state, and those created even when they are gone")
  func ofProcess() async {
    // A process of its own: other tests have fibers, too.
    await #expect(processExitsWith: .success) {
      #expect(FiberStatistics.process.total == 0)
      #expect(FiberStatistics.process.created == 0)
      func make() throws -> Fiber<Void, FiberStatistics.Process, Void> {
        try Fiber(stackSize: 32768) { suspend, _ in try suspend(FiberStatistics.process) }
      }
      // More than a chunk of the registry holds.
      let fibers = try (0..<1500).map { _ in try make() }
      #expect(FiberStatistics.process.notStarted == 1500)
      for fiber in fibers.prefix(700) { _ = try fiber.resume() }
      for fiber in fibers.prefix(200) { _ = try fiber.resume() }
      let last = try make()
      let inside = try #require(try last.resume().yieldedValue)
      #expect(inside.onThread == 1)
      #expect(inside.total == 1501)
      let counts = FiberStatistics.process
      #expect(counts.notStarted == 800)
      #expect(counts.suspended == 501)
      #expect(counts.finished == 200)
      #expect(counts.onThread == 0)
      for _ in 0..<99 { _ = try make() }
      #expect(FiberStatistics.process.total == 1501)
      #expect(FiberStatistics.process.created == 1600)
      withExtendedLifetime((fibers, last)) {}
    }
  }

  @Test(
    "of the process count fibers whose thread has ended inside them apart",
    .enabled(if: Sanitizer.current != .thread, "ThreadSanitizer stops a process that calls pthread_exit in a fiber"))
  func abandoned() async {
    await #expect(processExitsWith: .success) {
      var thread = pthread_t()
      unsafe pthread_create(
        &thread, nil,
        { _ in
          guard let fiber = try? MovableFiber<Void, Void, Void>(name: "left", { _, _ in pthread_exit(nil) }) else {
            return nil
          }
          abandonedFibers.withLock { $0.append(fiber) }
          _ = try? fiber.resume()
          return nil
        }, nil)
      pthread_join(thread, nil)
      #expect(FiberStatistics.process.abandoned == 1)
      #expect(FiberStatistics.process.total == 1)
    }
  }
}

@Suite("A wait reason")
struct WaitReasonTests {
  @Test("is read back while the fiber is suspended by it, and gone afterwards")
  func readBack() throws {
    var whileRunning: [String?] = []
    var fiber: Fiber<Void, Void, Void>?
    fiber = try Fiber { suspend, _ in
      try suspend(waiting: "for the first thing")
      whileRunning.append(fiber?.waitReason)
      try suspend(waiting: "€")
      whileRunning.append(fiber?.waitReason)
      try suspend()
    }
    #expect(fiber?.waitReason == nil)
    var reasons: [String?] = []
    for _ in 0..<4 {
      _ = try fiber?.resume()
      reasons.append(fiber?.waitReason)
    }
    #expect(reasons == ["for the first thing", "€", nil, nil])
    #expect(whileRunning == [nil, nil])
    fiber = nil
  }

  @Test("of a movable fiber is read by other threads than the one that runs it, as are its statistics")
  func movable() throws {
    let fiber = try MovableFiber<Void, Void, Never>(stackSize: 32768) { suspend, _ in
      while true {
        try suspend(waiting: "for its turn")
        try suspend(waiting: "€")
      }
    }
    let runner = Thread {
      for _ in 0..<20_000 { _ = try? fiber.resume() }
    }
    runner.start()
    var seen: Set<String> = []
    var count: UInt64 = 0
    while !runner.isFinished {
      if let reason = fiber.waitReason { seen.insert(reason) }
      #expect(fiber.statistics.resumeCount >= count)
      count = fiber.statistics.resumeCount
    }
    #expect(seen.isSubset(of: ["for its turn", "€"]), "\(seen)")
    #expect(fiber.waitReason == "€")
    #expect(fiber.statistics.resumeCount == 20_000)
    #expect(fiber.statistics.stackSize == 32768)
  }
}
