import Foundation
import Testing

@testable import FiberInspection

/// Processes that change all the time while they are read.
@Suite struct BusyProcessTests {
  @Test func capturesOfABusyProcessAreConsistent() throws {
    let program = try RunningProgram("churn", "4")
    var suspended = 0
    for _ in 0..<60 {
      let snapshot = try Snapshot.capture(processID: program.id)
      #expect(snapshot.problems.isEmpty, "\(snapshot.problems)")
      #expect(snapshot.threads.count == 5)
      let registry = try #require(snapshot.registries.first)
      let ids = registry.fibers.map(\.id)
      #expect(ids == ids.sorted() && Set(ids).count == ids.count)
      for fiber in registry.fibers where !fiber.isOnThread && fiber.count > 0 {
        #expect(fiber.link == registry.layout.endRecord)
        #expect(snapshot.holdsFrames(of: fiber))
        suspended += 1
      }
      // Whatever runs, its stack is there from rsp up.
      for thread in snapshot.threads {
        let pointer = try #require(thread.registers?.stackPointer)
        #expect(snapshot.memory.word(at: pointer) != nil)
      }
    }
    #expect(suspended > 0)
    try program.expectUnharmed()
  }

  @Test func threadsThatStartAndEndMeanwhileAreRead() throws {
    let program = try RunningProgram("spawner")
    for _ in 0..<100 {
      let snapshot = try Snapshot.capture(processID: program.id)
      #expect(snapshot.problems.isEmpty, "\(snapshot.problems)")
      #expect(snapshot.threads.first?.id == program.id)
    }
    try program.expectUnharmed()
  }

  @Test func aProcessThatKeepsReplacingItselfIsReadOrRefused() throws {
    let program = try RunningProgram("executing")
    var whole = 0
    for _ in 0..<100 {
      do {
        let snapshot = try Snapshot.capture(processID: program.id)
        #expect(snapshot.command == "fibers" || snapshot.command == "exe")
        whole += snapshot.registries.first?.fibers.contains { $0.name == "short-lived" } == true ? 1 : 0
      } catch {
        // Between two programs it has no memory to show.
        #expect(error.code == .exited, "\(error)")
      }
    }
    #expect(whole > 0)
    try program.expectUnharmed()
  }

  @Test func severalReadersTakeTurnsOrAreTurnedAway() throws {
    let program = try RunningProgram("many", "100")
    let outcomes = Outcomes()
    DispatchQueue.concurrentPerform(iterations: 4) { [id = program.id] _ in
      for _ in 0..<10 {
        do {
          let snapshot = try Snapshot.capture(processID: id)
          let count = snapshot.registries.first?.fibers.count ?? 0
          outcomes.add(count == 100 && snapshot.problems.isEmpty ? "" : "\(count) fibers, \(snapshot.problems)")
        } catch {
          outcomes.add((error as? InspectionError)?.code == .alreadyTraced ? "" : "\(error)")
        }
      }
    }
    #expect(outcomes.all == [String](repeating: "", count: 40))
    try program.expectUnharmed()
  }

  @Test(arguments: [1, 100, 10_000]) func theStopIsMeasured(count: Int) throws {
    let program = try RunningProgram("many", "\(count)")
    var times: [Duration] = []
    for _ in 0..<5 {
      let snapshot = try Snapshot.capture(processID: program.id)
      #expect(snapshot.problems.isEmpty, "\(snapshot.problems)")
      let fibers = try #require(snapshot.registries.first?.fibers)
      #expect(fibers.count == count)
      #expect(fibers.last?.name == "fiber \(count)")
      #expect(fibers.allSatisfy { snapshot.holdsFrames(of: $0) })
      guard case .process(let stopped) = snapshot.source else {
        Issue.record("not of a live process")
        return
      }
      #expect(stopped > .zero)
      times.append(stopped)
    }
    print("stopped with \(count) fibers: \(times.sorted()[times.count / 2]) (median of \(times.count))")
    try program.expectUnharmed()
  }
}

/// Results of concurrent work.
private final class Outcomes: @unchecked Sendable {
  private let lock = NSLock()
  private var values: [String] = []

  func add(_ value: String) { lock.withLock { values.append(value) } }
  var all: [String] { lock.withLock { values } }
}
