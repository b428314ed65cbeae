import CallFrameInfo
import Foundation
import TestSupport
import Testing

@testable import ExecutionVerification

/// The classic fiber switch with one slot, truly executed: refuted at the boundaries that DESIGN 2.1 names.
@Suite("The switch with one slot")
struct OneSlotTests {
  /// A build of Programs/Switches/one-slot, executed: what was found in its file.
  private struct Executed {
    /// At the instruction between the change of the slot and that of the stack.
    var window: [Mismatch.Subject] = []
    /// Behind both, by distance from the first of them.
    var pops: [UInt64: [Mismatch.Subject]] = [:]
    /// Before.
    var others: [Mismatch.Subject] = []
    /// Not in the switch: in the fiber's base frame and what it calls.
    var bodies: [Mismatch.Subject] = []
    /// Instructions of the switch that no row covers.
    var rowless = 0
  }

  private func executed(_ option: String = "PLAIN") throws -> Executed {
    let directory = try TemporaryDirectory()
    let program = directory.file("one-slot")
    let sources = ["c", "S"].map { "\(Package.root)/Tests/ExecutionVerificationTests/Programs/Switches/one-slot.\($0)" }
    let built = try run("/usr/bin/env", ["gcc", "-O1", "-o", program, "-D\(option)"] + sources)
    try #require(built.succeeded, "\(built.report)")
    var options = RunOptions()
    options.mode = .all
    let report = try ProgramRun(program: program, arguments: [], options: options).run()
    #expect(report.ending == .exited(0))

    let elf = try ELFFile(reading: ByteArray([UInt8](Data(contentsOf: URL(filePath: program))), name: program))
    let symbols = try #require(try elf.symbols())
    func symbol(_ name: String) throws -> ELFSymbol { try #require(symbols.first { symbols.name(of: $0) == name }) }
    let function = try symbol("one_slot_switch")
    let end = function.value + function.size
    let window = try symbol("one_slot_window").value
    let pops = try symbol("one_slot_pops").value
    var executed = Executed()
    let module = try #require(report.modules.firstIndex { $0.path.hasSuffix("/one-slot") })
    executed.rowless = report.modules[module].unjudged.count {
      $0.value == .noRow && (function.value..<end).contains($0.key)
    }
    for mismatch in report.mismatches where mismatch.module == module {
      if mismatch.address == window {
        executed.window.append(mismatch.subject)
      } else if (pops..<end).contains(mismatch.address) {
        executed.pops[mismatch.address - pops, default: []].append(mismatch.subject)
      } else if (function.value..<pops).contains(mismatch.address) {
        executed.others.append(mismatch.subject)
      } else {
        executed.bodies.append(mismatch.subject)
      }
    }
    return executed
  }

  private func isWalk(_ subject: Mismatch.Subject) -> Bool {
    if case .walk = subject { true } else { false }
  }

  @Test("Between the store to the slot and the change of stacks, and only there, the fiber's base leads to itself")
  func window() throws {
    let executed = try executed()
    #expect(executed.window.count == 1 && executed.window.allSatisfy(isWalk))
    #expect(executed.pops.isEmpty && executed.others.isEmpty && executed.bodies.isEmpty)
    #expect(executed.rowless == 0)
  }

  @Test("With the two instructions the other way round the window is there still")
  func reversed() throws {
    let executed = try executed("REVERSED")
    #expect(!executed.window.isEmpty && executed.window.allSatisfy(isWalk))
    #expect(executed.pops.isEmpty && executed.others.isEmpty && executed.bodies.isEmpty)
  }

  @Test("A switch without rows has none at any of its sixteen instructions")
  func withoutRows() throws {
    let executed = try executed("NO_ROWS")
    #expect(executed.rowless == 16)
  }

  @Test(
    "A base frame whose CFA is the location of a register leads nowhere from any instruction that runs on the fiber")
  func location() throws {
    let executed = try executed("LOCATION")
    #expect(!executed.bodies.isEmpty && executed.bodies.allSatisfy(isWalk))
    #expect(executed.others.count + executed.window.count >= 9)
  }

  @Test("A fiber that begins where its base function does is taken for another function in the first switch")
  func bareStart() throws {
    let executed = try executed("BARE_START")
    #expect(executed.window.count == 1)
    withKnownIssue("the first switch to a stack is not walked beyond its base before control arrives there") {
      #expect(executed.pops.count == 7, "\(executed.pops)")
    }
    #expect(executed.others.isEmpty && executed.bodies.isEmpty)
  }
}
