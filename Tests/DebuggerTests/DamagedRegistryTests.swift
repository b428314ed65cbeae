import TestSupport
import Testing

/// A registry that holds what it never may: gdb itself has written that into the process.
@Suite struct DamagedRegistryTests {
  /// Runs `info fibers` after the commands, and answers what it printed.
  private func table(after harm: String...) async throws -> GdbText {
    let program = try RunningProgram(await DebuggedProgram.states.path())
    let session = try await GdbSession.run(
      .process(program.id), script: true, commands: ["info fibers"] + harm + ["info fibers"])
    #expect(FiberTable(session[0]).rows.count == 6, "\(session.whole)")
    return session.last
  }

  private static let chunk = "((struct ft_chunk *) ft_fiber_registry.chunks)"
  private static let registry = "warning: the fiber registry in "

  @Test(arguments: [
    ("magic = 1", " is damaged: it starts with 0x1, expected 0x5453494745525446 (FTREGIST)"),
    ("version = 0", " is damaged: its version is 0 and its head 208 bytes long"),
    ("head_size = 8", " is damaged: its version is 1 and its head 8 bytes long"),
    ("record_size = 0", " is damaged: its records are 0 bytes long, expected 8 to 65536"),
    ("record_size = 0xffffffff", " is damaged: its records are 4294967295 bytes long, expected 8 to 65536"),
    ("sp_offset = 60", " is damaged: a field lies at offset 60 of 64 bytes"),
    ("chunk_next_offset = 0xfffffff0", " is damaged: the offsets of its chunks are too large"),
    ("identity_shift = 64", " is damaged: it shifts ids by 64 bits, and has_link is 1"),
    ("has_link = 2", " is damaged: it shifts ids by 8 bits, and has_link is 2"),
    ("resume_low = 0xffffffffffffffff", " is damaged: a range of its code ends before its start"),
    (
      "chunks = 0x10",
      " is incomplete: its chunk at 0x10 cannot be read: the fibers there and in older chunks are not shown"
    ),
    (
      "chunks = 0xffffffffffffff00",
      " is incomplete: its chunk at 0xffffffffffffff00 cannot be read: "
        + "the fibers there and in older chunks are not shown"
    ),
  ])
  func aHeadThatCannotBeUsedIsOneLine(_ harm: String, _ said: String) async throws {
    let printed = try await table(after: "set var ft_fiber_registry.\(harm)")
    #expect(printed.lines.count == 2, "\(printed)")
    #expect(printed.lines[0].hasPrefix(Self.registry) && printed.lines[0].hasSuffix(said), "\(printed)")
    #expect(printed.lines[1] == "No fibers.", "\(printed)")
  }

  @Test func aNewerVersionIsNamed() async throws {
    let printed = try await table(after: "set var ft_fiber_registry.version = 9")
    #expect(printed.lines.count == 2 && printed.lines[0].contains("registry version 9 in "), "\(printed)")
    #expect(
      printed.lines[0].hasSuffix("is newer than this script reads (1): update FiberTrace's gdb script"), "\(printed)")
  }

  @Test(arguments: [
    ("next = ft_fiber_registry.chunks", "its list of chunks is cyclic at "),
    ("next = 8", "its chunk at 0x8 cannot be read"),
    ("capacity = 0xffffffffffffffff", " claims 18446744073709551615 records, and "),
    ("capacity = 100000000", " claims 100000000 records, and "),
  ])
  func whatIsReadBeforeADamagedChunkIsShown(_ harm: String, _ said: String) async throws {
    let printed = try await table(after: "set var \(Self.chunk)->\(harm)")
    #expect(printed.lines[0].hasPrefix(Self.registry) && printed.lines[0].contains(said), "\(printed)")
    #expect(printed.lines.count { $0.hasPrefix("warning: ") } == 1, "\(printed)")
    // An absurd capacity makes records of what lies behind the chunk.
    let ids = FiberTable(printed).column("Id")
    #expect(["1", "2", "3", "4", "5", "6"].allSatisfy(ids.contains), "\(printed)")
  }

  @Test func aTableWithoutRoomIsEmpty() async throws {
    let printed = try await table(after: "set var \(Self.chunk)->capacity = 0")
    #expect(printed.lines == ["No fibers."], "\(printed)")
  }

  @Test(arguments: [
    ("sp = 5", "its record is damaged: the saved sp 0x5 lies outside its stack, "),
    ("sp = 0xffffffffffffffff", "its record is damaged: the saved sp 0xffffffffffffffff lies outside its stack, "),
    ("base = 0", "its record is damaged: the stack would reach from "),
    ("low = 0xffffffffffffffff", "its record is damaged: the stack would reach from 0xffffffffffffffff to "),
    ("sp = suspended->low - 24", " lies 24 B below its stack, "),
  ])
  func aDamagedRecordHasARowThatSaysSo(_ harm: String, _ said: String) async throws {
    let printed = try await table(after: "set var suspended->\(harm)")
    let table = FiberTable(printed)
    #expect(table.column("Id") == ["1", "2", "3", "4", "5", "6"], "\(printed)")
    #expect(table["2"]?["Frame"].contains(said) == true, "\(printed)")
    #expect(table["6"]?["Frame"] == "outer_body at states.c:113", "\(printed)")
  }

  @Test func anOddCountOnNoThreadIsNotFound() async throws {
    let printed = try await table(after: "set var suspended->count = 7")
    let row = try #require(FiberTable(printed)["2"])
    #expect(row["State"] == "not found" && row["Resumed"] == "4" && row["Thread"].isEmpty, "\(printed)")
  }

  /// The link of the inner fiber leads to its own stack, then nowhere: the outer one cannot be found.
  @Test(arguments: ["*(long *) innermost->base = innermost->base - 64", "*(long *) innermost->base = 3"])
  func aDamagedLinkEndsTheSearch(_ harm: String) async throws {
    let printed = try await table(after: "set var \(harm)")
    let table = FiberTable(printed)
    #expect(table["5"]?["State"] == "running", "\(printed)")
    #expect(table["6"]?["State"] == "not found", "\(printed)")
  }

  @Test func textThatWouldDriveATerminalIsEscaped() async throws {
    let program = try RunningProgram(await DebuggedProgram.states.path(), "escape")
    let session = try await GdbSession.run(.process(program.id), script: true, "info fibers")
    let row = try #require(FiberTable(session.last)["2"])
    #expect(row["Name"] == "\\u{1b}]0;owned\\u{7}\\u{1b}[31m", "\(session.last)")
  }

  @Test func textThatCannotBeReadIsLeftOut() async throws {
    let printed = try await table(after: "set var suspended->name = 16", "set var suspended->wait = 0xffffffffffffffff")
    let row = try #require(FiberTable(printed)["2"])
    #expect(row["Name"].isEmpty && row["Waiting"].isEmpty, "\(printed)")
    #expect(printed.lines.contains { $0.hasPrefix("warning: fiber 2: its name at 0x10 cannot be read") }, "\(printed)")
    #expect(
      printed.lines.contains { $0.hasPrefix("warning: fiber 2: its wait reason at 0xffffffffffffffff cannot be read") },
      "\(printed)")
  }
}
