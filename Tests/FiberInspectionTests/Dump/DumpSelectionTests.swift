import Testing

@testable import FiberInspection

@Suite struct DumpSelectionTests {
  private func process() -> FakeProcess {
    var process = FakeProcess()
    process.fibers = [
      .fake(1, name: "outer", count: 1), .fake(2, name: "worker 1", count: 1), .fake(3, name: "worker 2", count: 2),
      .fake(4, count: 2), .fake(5, name: "new", count: 0), .fake(6, count: 4).with { $0.isFinished = true },
    ]
    for fiber in process.fibers[2...3] { process.walks[fiber.savedStackPointer] = .suspended(fiber) }
    process.addThread(4711, sp: 0x20_f000, .running([process.fibers[1], process.fibers[0]], sp: 0x20_f000))
    return process
  }

  private func ids(_ change: (inout DumpSelection) -> Void) -> [UInt64] {
    var selection = DumpSelection()
    change(&selection)
    return process().dump(selection: selection).fibers.map(\.reference.id)
  }

  @Test func eachConditionAndAllTogetherChooseFibers() {
    #expect(ids { $0.states = [.suspended, .notStarted] } == [3, 4, 5])
    #expect(ids { $0.ids = [FiberIDs("2-4")!, FiberIDs("6")!] } == [2, 3, 4, 6])
    #expect(ids { $0.names = ["worker*"] } == [2, 3])
    #expect(ids { $0.names = ["*[2w]", "oute?"] } == [1, 3, 5])
    #expect(ids { $0.names = ["work"] } == [])
    #expect(
      ids {
        $0.names = ["worker*"]
        $0.states = [.suspended]
        $0.ids = [FiberIDs("1-9")!]
      } == [3])
    #expect(ids { $0.showsFibers = false } == [])
  }

  @Test func whatIsNotShownIsCountedAndDoesNotMakeADumpIncomplete() {
    var process = process()
    process.fibers.append(.fake(7, count: 2, saved: 0x41414141))
    var selection = DumpSelection()
    selection.ids = [FiberIDs("3")!]
    selection.showsThreads = false
    let dump = process.dump(selection: selection)
    #expect(dump.threads.isEmpty)
    #expect(dump.threadCount == 1)
    #expect(dump.fiberCounts == [.running: 1, .resuming: 1, .suspended: 3, .notStarted: 1, .finished: 1])
    #expect(dump.isComplete)
    #expect(!process.dump().isComplete)
    var text = ""
    TextReport(dump).write(to: &text)
    #expect(text.contains("7 fibers (1 running, 1 resuming, 3 suspended, 1 not started, 1 finished), 1 of them shown"))
  }

  @Test func aRunningFiberHasItsFramesWhereItsThreadIsNotShown() {
    var selection = DumpSelection()
    selection.showsThreads = false
    var text = ""
    TextReport(process().dump(selection: selection), style: TextStyle(usesUnicode: true)).write(to: &text)
    #expect(!text.contains("its frames: "))
    #expect(text.contains("── fiber #2 \"worker 1\" resumed by fiber #1 \"outer\" ──"))
    #expect(text.contains("── fiber #1 \"outer\" resumed by thread 4711 ──"))
    #expect(text.ranges(of: "sleep + 0x2b").count == 1)
  }

  @Test func onlyWhatIsShownIsLookedUp() {
    var selection = DumpSelection()
    selection.showsFibers = false
    let dump = process().dump(selection: selection)
    #expect(dump.registries.map(\.fibers.count) == [0])
    #expect(dump.threads.count == 1)
  }

  @Test(arguments: ["", "x", "-3", "3-", "5-3", "1-2-3", "7@", "@x", "18446744073709551616", "3,4"])
  func textThatIsNoIdIsRefused(_ text: String) {
    #expect(FiberIDs(text) == nil)
  }

  @Test func idsAreNumbersRangesAndThoseOfARegistry() {
    #expect(FiberIDs("7")?.range == 7...7)
    #expect(FiberIDs("#7")?.range == 7...7)
    #expect(FiberIDs("3-9")?.range == 3...9)
    #expect(FiberIDs("0-18446744073709551615")?.range == 0...UInt64.max)
    let ids = FiberIDs("7@lua")
    #expect(ids?.contains(7, suffix: "@lua") == true)
    #expect(ids?.contains(7, suffix: "@FiberTrace") == false)
    #expect(ids?.contains(7, suffix: "") == false)
    #expect(FiberIDs("7")?.contains(7, suffix: "@lua") == true)
  }
}
