import Testing

@testable import FiberInspection

/// Many stacks that are all deep, as records of a hostile registry may claim of one stack.
@Suite struct WalkBudgetTests {
  /// Always finds as many frames as it may.
  private struct EndlessWalks: Unwinder {
    let name = "endless"
    var limits: [Int] = []

    mutating func walk(from registers: Registers, limit: Int) -> Walk {
      limits.append(limit)
      let frame = WalkedFrame.at(FakeCode.body, sp: registers.stackPointer)
      return Walk(frames: [WalkedFrame](repeating: frame, count: limit), end: .limit)
    }
  }

  @Test func theWorkIsNoProductOfFibersAndDepth() {
    let count: UInt64 = 1000
    let registry = RegistrySnapshot(
      address: 0x8000, modulePath: "/usr/bin/program", runtime: "FiberTrace", layout: FakeCode.layout,
      fibers: (1...count).map { .fake($0, count: 2) })
    let snapshot = Snapshot(
      source: .core(path: "core"), processID: 4711, command: "program", threads: [], mappings: [], modules: [],
      registries: [registry], memory: NoMemory(), problems: [])
    var unwinder = EndlessWalks()
    var locations = PreparedLocations()
    let dump = Dump(of: snapshot, unwinder: &unwinder, locations: &locations, frameLimit: FrameLimit(4))
    #expect(unwinder.limits.count == Int(count))
    // A few deep stacks are walked to their end, and no stack is left out.
    #expect(unwinder.limits.prefix(8).allSatisfy { $0 == 131_072 })
    #expect(unwinder.limits.min() == 64)
    #expect(unwinder.limits.reduce(0, +) < 2_000_000)
    #expect(dump.brokenStacks == Int(count))
  }
}
