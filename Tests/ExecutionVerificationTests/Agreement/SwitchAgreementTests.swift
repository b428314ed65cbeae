import FiberInspection
import TestSupport
import Testing

@testable import ExecutionVerification

/// Where `outside_fibers.c` places its stacks, and who resumes.
private let runs = ["main", "thread", "moved"].flatMap { resumer in
  ["below", "above", "mixed"].map { (resumer, $0) }
}

@Suite("Unwinders at each instruction of the fiber switch", .serialized)
struct SwitchAgreementTests {
  private static func report(_ program: FiberProgram, _ arguments: [String]) throws -> StepReport {
    let functions = Array(program.functions.values)
    let path = program.path
    var options = RunOptions()
    options.mode = .all
    options.unwinders = UnwinderName.allCases
    options.agreement.interval = .max
    options.agreement.isChosen = { module, address in
      module == path && functions.contains { $0.contains(address) }
    }
    return try ProgramRun(program: path, arguments: arguments, options: options).run()
  }

  @Test("All five find the same frames, whoever resumes and wherever stacks lie", arguments: runs)
  func switching(_ resumer: String, _ placement: String) throws {
    let program = try FiberProgram(compiler: "gcc")
    let report = try Self.report(program, [resumer, placement])
    #expect(report.ending == .exited(0))
    let agreement = try #require(report.agreement)
    #expect(agreement.problems.isEmpty)
    #expect(agreement.unwinders == UnwinderName.allCases)
    #expect(agreement.disagreements == [])
    // Frame pointers alone miss frames, where a function has not set its own up or keeps none; nobody else does.
    #expect(agreement.limits.allSatisfy { $0.key.unwinder == .fp && $0.key.limit == .noFramePointer })
    for name in UnwinderName.allCases where name != .rows { #expect(agreement.agreedFrames[name, default: 0] > 0) }

    // What was executed of the switch is what was compared.
    let module = try #require(report.modules.first { $0.path == program.path })
    let executed = Set(module.seen.keys).union(module.unjudged.keys).filter { program.instructions[$0] != nil }
    #expect(agreement.instructions == executed.count)
    // And all of it was executed but what pads, and the personality, which only exceptions call.
    let left = program.instructions.filter { !executed.contains($0.key) && !program.isPersonality($0.key) }
      .filter { !$0.value.contains("nop") && !$0.value.hasPrefix("ud2") && !$0.value.hasPrefix("int3") }
    #expect(left == [:])
  }
}
