import Foundation
import Testing

@testable import FiberInspection

@Suite struct StackGroupTests {
  /// 100 suspended fibers, every third with one frame more, of which one is damaged; 5 not started; a running one.
  private func crowd() -> FakeProcess {
    var process = FakeProcess()
    for id in 1...100 as ClosedRange<UInt64> {
      let fiber = FiberSnapshot.fake(id, count: 2).with { $0.waitReason = $0.id % 10 == 0 ? "for rain" : "for sun" }
      var walk = Walk.suspended(fiber)
      if id % 3 == 0 { walk.frames.insert(.at(FakeCode.body), at: 1) }
      process.fibers.append(fiber)
      process.walks[fiber.savedStackPointer] = walk
    }
    process.fibers[49].savedStackPointer = 0x41414141
    process.fibers += (101...105).map { .fake($0, count: 0) }
    process.fibers.append(.fake(106, name: "inner", count: 1))
    process.addThread(4711, sp: 0x6a0_f000, .running([process.fibers[105]], sp: 0x6a0_f000))
    return process
  }

  @Test func everyFiberIsInOneGroupAndTheLargestComesFirst() {
    let dump = crowd().dump()
    let groups = dump.fiberGroups()
    #expect(groups.map(\.count) == [66, 33, 5, 1, 1])
    #expect(groups.reduce(0) { $0 + $1.count } == dump.fibers.count { _ in true })
    let ids = groups.flatMap { $0.ids.flatMap(Array.init) }
    #expect(ids.sorted() == Array(1...106))
    #expect(groups[0].ids.prefix(3) == [1...2, 4...5, 7...8])
    #expect(groups[2].ids == [101...105])
    for group in groups { #expect(group.count == group.ids.reduce(0) { $0 + $1.count }) }
    #expect(groups[1].waitReasons.map(\.count) == [30, 3])
  }

  @Test func groupsReadWell() throws { try expectSnapshot(crowd().groups(), "groups") }

  @Test func fibersWithTheSameFramesAndAnotherWayOrEndAreApart() {
    var process = FakeProcess()
    process.fibers = (1...4).map { .fake($0, count: 2) }
    for fiber in process.fibers { process.walks[fiber.savedStackPointer] = .suspended(fiber) }
    process.walks[process.fibers[1].savedStackPointer]?.frames[1].found = .fp
    process.walks[process.fibers[2].savedStackPointer]?.frames.removeLast()
    process.walks[process.fibers[2].savedStackPointer]?.end = .cycle
    process.walks[process.fibers[3].savedStackPointer]?.frames[1].programCounter = .exact(FakeCode.body + 8)
    #expect(process.dump().fiberGroups().map(\.count) == [1, 1, 1, 1])
  }

  /// Two deep stacks that differ only where frames are left out.
  @Test func framesLeftOutAreComparedToo() {
    var process = FakeProcess()
    process.fibers = (1...3).map { .fake($0, count: 2) }
    for fiber in process.fibers {
      var frames = (0..<100).map { _ in WalkedFrame.at(FakeCode.body) }
      if fiber.id == 3 { frames[50] = .at(FakeCode.main) }
      process.walks[fiber.savedStackPointer] = Walk(frames: frames, end: .outermost)
    }
    #expect(process.dump(frameLimit: 8).fiberGroups().map(\.count) == [2, 1])
  }

  /// 30 fibers that wait in one place, a frame deeper each, and 3 in another.
  private func callers() -> FakeProcess {
    var process = FakeProcess()
    process.fibers = (1...33).map { .fake($0, count: 2) }
    for fiber in process.fibers {
      var walk = Walk.suspended(fiber)
      if fiber.id <= 30 {
        walk.frames.insert(contentsOf: (0...fiber.id).map { _ in .at(FakeCode.body) }, at: 1)
      } else {
        walk.frames[1] = .at(FakeCode.main)
      }
      process.walks[fiber.savedStackPointer] = walk
    }
    return process
  }

  @Test func stacksAreComparedByTheShownPartWhereThatIsAsked() throws {
    let dump = callers().dump(frameLimit: 1)
    #expect(dump.fiberGroups().count == 31)
    let groups = dump.fiberGroups(by: .shown)
    #expect(groups.map(\.count) == [30, 3])
    #expect(groups.map(\.ids) == [[1...30], [31...33]])
    #expect(groups.map(\.omittedFrames) == [4...33, 2...2])
    var text = ""
    TextReport(dump).writeGroups(to: &text, by: .shown)
    #expect(text.contains("0  ft_fiber_suspend  at /src/fiber.S:100\n   1  body(int)         at /src/program.c:30\n"))
    #expect(text.contains("      ... 4 to 33 frames not shown (--frames)\n"))
    #expect(text.contains("      ... 2 frames not shown (--frames)\n"))

    let json = try JSONReport(dump).write(to: Pieces(), groups: .shown).bytes
    let document = try #require(JSONSerialization.jsonObject(with: Data(json)) as? [String: Any])
    let objects = try #require(document["fiberGroups"] as? [[String: Any]])
    #expect(objects.map { $0["omittedFrames"] as? [String: Int] } == [["least": 4, "most": 33], nil])
    #expect(objects.map { ($0["frames"] as? [Any])?.count } == [2, 2])
  }

  @Test func stacksWhoseShownPartsDifferAreApart() {
    var process = callers()
    process.walks[process.fibers[1].savedStackPointer]?.frames[1].found = .fp
    // The outermost frame of 4 is shown.
    process.walks[process.fibers[2].savedStackPointer]?.frames.append(.at(FakeCode.main))
    #expect(process.dump(frameLimit: 4).fiberGroups(by: .shown).map(\.count) == [28, 3, 1, 1])
  }

  @Test func threadsAreComparedByTheShownPartToo() {
    var process = FakeProcess()
    for id in 1...4 as ClosedRange<UInt64> {
      let frames = [WalkedFrame.at(FakeCode.sleep)] + (0...id).map { _ in .at(FakeCode.body) }
      process.addThread(Int32(id), sp: id << 12, Walk(frames: frames, end: .outermost))
    }
    let groups = process.dump(frameLimit: 2).threadGroups(by: .shown)
    #expect(groups.map(\.ids) == [[1, 2, 3, 4]])
    #expect(groups[0].omittedFrames == 1...4)
  }

  @Test func threadsThatRunDifferentFibersAtTheSamePlaceAreOneGroup() {
    var process = FakeProcess()
    process.fibers = (1...3).map { .fake($0, count: 1) }
    for (index, fiber) in process.fibers.enumerated() {
      let sp = fiber.base - 0x200
      process.addThread(Int32(7 + index), sp: sp, .running([fiber], sp: sp))
    }
    let groups = process.dump().threadGroups()
    #expect(groups.map(\.ids) == [[7, 8, 9]])
    #expect(process.groups().contains("── a fiber resumed by its thread ──"))
  }

  @Test func aGroupNamesABoundedNumberOfIdsAndJSONAll() throws {
    var process = FakeProcess()
    process.fibers = stride(from: 1, to: 400, by: 2).map { .fake($0, count: 0) }
    #expect(process.groups().contains("#31, ... and 184 more\n"))
    let json = try process.json(groups: .whole)
    let document = try #require(JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    let groups = try #require(document["fiberGroups"] as? [[String: Any]])
    #expect(groups.count == 1)
    #expect((groups[0]["ids"] as? [[Int]])?.map { $0[0] } == Array(stride(from: 1, to: 400, by: 2)))
  }
}
