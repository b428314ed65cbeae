import Foundation
import TestSupport
import Testing

/// Many fibers in gdb, held against what the program itself knows of them.
@Suite struct CrowdInGdbTests {
  @Test func everyFiberHasItsStateReasonAndFunction() async throws {
    let directory = try TemporaryDirectory()
    let file = directory.file("truth.json")
    let path = try Package.product("crowd")
    // The last line is that it stands.
    let program = try RunningProgram("/bin/sh", "-c", "exec \(path) --fibers 2000 --truth --pause 2>&1 >\(file)")
    let truth = try JSONDecoder().decode(CrowdTruth.self, from: Data(contentsOf: URL(filePath: file)))
    let session = try await GdbSession.run(.process(program.id), script: true, "info fibers")
    let table = FiberTable(session.last)
    #expect(table.column("Id") == truth.fibers.map { String($0.id) })
    var wrong: [String] = []
    for (row, fiber) in zip(table.rows, truth.fibers) {
      // "waitForWind(_:_:)" at "crowd.waitForWind at Moorings+Sea.swift:12".
      let function = fiber.functions.first?.prefix { $0 != "(" }
      let frame = function.map { "crowd.\($0) at " } ?? "created by crowd."
      guard row["Name"] == fiber.name ?? "", row["State"] == fiber.state, row["Waiting"] == fiber.waiting ?? "",
        row["Frame"].hasPrefix(frame)
      else {
        wrong.append("\(fiber): \(row)")
        continue
      }
    }
    #expect(wrong.isEmpty, "\(wrong.prefix(3))")
    let counts = Dictionary(grouping: truth.fibers, by: \.state).mapValues(\.count)
    #expect(
      table.total
        == "2000 fibers: \(counts["suspended"] ?? 0) suspended, \(counts["not started"] ?? 0) not started, "
        + "\(counts["finished"] ?? 0) finished.")
  }

  /// The stacks have guards inside their mapping, at which gdb 13.1's gcore gives the mapping up.
  @Test func stacksThatACoreLacksAreSaidToBeUnreadable() async throws {
    let directory = try TemporaryDirectory()
    let program = try RunningProgram(Package.product("crowd"), "--fibers", "300", "--pause")
    let core = try program.core(in: directory)
    let live = FiberTable(try await GdbSession.run(.process(program.id), script: true, "info fibers").last)
    let session = try await GdbSession.run(
      .core(core, program: Package.product("crowd")), script: true, "info fibers")
    let table = FiberTable(session.last)
    #expect(table.column("State") == live.column("State"), "\(session.whole)")
    #expect(table.rows.count == 300)
    for (row, alive) in zip(table.rows, live.rows) {
      #expect(row["Frame"] == alive["Frame"] || row["Frame"].hasPrefix("its stack is not in the core"), "\(row)")
    }
  }

  /// `info fibers` passes over the runtime's own frames by rows that it reads itself.
  @Test func rowsLeadWhereGdbsOwnFramesLead() async throws {
    let program = try RunningProgram(Package.product("crowd"), "--fibers", "200", "--pause")
    let session = try await GdbSession.run(
      .process(program.id), script: true, "info fibers -state suspended",
      "source \(Package.root)/Tests/DebuggerTests/Programs/rows.py")
    let suspended = FiberTable(session[0]).rows.count
    let numbers = try #require(session.last.lines.last).split { !$0.isNumber }.compactMap { Int($0) }
    try #require(numbers.count == 3, "\(session.last)")
    #expect(numbers[1] == 0, "\(session.last)")
    // Each is walked to its base.
    #expect(numbers[2] == suspended && numbers[0] > 5 * suspended, "\(session.last)")
  }
}
