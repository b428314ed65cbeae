import TestSupport
import Testing

@testable import FiberInspection

/// Walks by rows through the base frames of fibers.
@Suite struct FiberRowTests {
  private static let depth = 3

  private func isBase(_ frame: WalkedFrame, in registry: RegistrySnapshot) -> Bool {
    registry.layout.start.contains(frame.programCounter.address)
  }

  @Test func aThreadIsWalkedThroughThreeFibersToItsRoot() throws {
    let program = try RunningProgram("deep", "\(Self.depth)")
    let snapshot = try Snapshot.capture(processID: program.id)
    let registry = try #require(snapshot.registries.first)
    var both = try BothUnwinders(snapshot)
    let walks = both.walk(from: try #require(snapshot.threads.first?.registers))
    #expect(walks.difference == nil)
    #expect(walks.rows.end == .outermost)
    #expect(walks.rows.frames.allSatisfy { $0.found == .cfi })
    let bases = walks.rows.frames.filter { isBase($0, in: registry) }.compactMap(\.framePointer)
    let entered = registry.fibers.filter { $0.name == "entered" }
    // The innermost was created first.
    #expect(bases == entered.map(\.base))
    #expect(entered.allSatisfy { $0.isOnThread })
  }

  @Test(arguments: CoreMaker.allCases) func aCoreIsWalkedAsTheProcessWas(_ maker: CoreMaker) throws {
    let directory = try TemporaryDirectory()
    let core = try maker.make(of: "deep", "\(Self.depth)", in: directory)
    let snapshot = try Snapshot.load(core: core)
    let registry = try #require(snapshot.registries.first)
    var both = try BothUnwinders(snapshot)
    let walks = both.walk(from: try #require(snapshot.threads.first?.registers))
    #expect(walks.difference == nil)
    #expect(walks.rows.frames.count { isBase($0, in: registry) } == Self.depth)
    #expect(walks.rows.end == .outermost)
  }

  @Test func suspendedFibersEndInTheEndFrame() throws {
    let program = try RunningProgram("deep", "\(Self.depth)")
    let snapshot = try Snapshot.capture(processID: program.id)
    let registry = try #require(snapshot.registries.first)
    let left = registry.fibers.filter { $0.name == "left" && !$0.isOnThread }
    #expect(left.count == Self.depth)
    var both = try BothUnwinders(snapshot)
    for fiber in left {
      let walks = both.walk(from: snapshot.start(of: fiber, in: registry))
      #expect(walks.difference == nil)
      #expect(walks.rows.end == .outermost)
      #expect(walks.rows.frames.count { isBase($0, in: registry) } == 1)
      #expect(walks.rows.frames.last.map { registry.layout.notRunning.contains($0.programCounter.address) } == true)
    }
  }

  /// Every stack of processes that are caught at any instruction of a switch.
  @Test func aBusyProcessIsWalkedAsLibdwWalksIt() throws {
    let program = try RunningProgram("churn", "4")
    var frames = 0
    for _ in 0..<30 {
      let snapshot = try Snapshot.capture(processID: program.id)
      var both = try BothUnwinders(snapshot)
      for thread in snapshot.threads {
        let walks = both.walk(from: try #require(thread.registers))
        #expect(walks.difference == nil, "\(walks.rows)")
        frames += walks.rows.frames.count
      }
      for registry in snapshot.registries {
        for fiber in registry.fibers where !fiber.isOnThread && fiber.low < fiber.savedStackPointer {
          #expect(both.walk(from: snapshot.start(of: fiber, in: registry)).difference == nil)
        }
      }
    }
    #expect(frames > 0)
    try program.expectUnharmed()
  }
}
