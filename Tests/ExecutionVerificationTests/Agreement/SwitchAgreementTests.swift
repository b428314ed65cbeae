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
  private static func report(
    _ program: FiberProgram, _ arguments: [String] = [], mode: RunOptions.Mode, functions names: [String] = []
  ) throws -> StepReport {
    let functions = Array(program.functions.values)
    let path = program.path
    var options = RunOptions()
    options.unwinders = UnwinderName.allCases
    options.agreement.interval = .max
    options.agreement.isChosen = { module, address in
      module == path && functions.contains { $0.contains(address) }
    }
    options.mode = mode
    options.modulePaths = [path]
    options.functions = names
    return try ProgramRun(program: path, arguments: arguments, options: options).run()
  }

  /// All found the same frames wherever they were compared, which was at every instruction of the switch that was executed.
  ///
  /// - Returns: those instructions.
  private func expectAgreement(_ report: StepReport, _ program: FiberProgram) throws -> Set<UInt64> {
    #expect(report.ending == .exited(0))
    let agreement = try #require(report.agreement)
    #expect(agreement.problems.isEmpty)
    #expect(agreement.unwinders == UnwinderName.allCases)
    #expect(agreement.disagreements == [])
    // Frame pointers alone miss frames, where a function has not set its own up or keeps none; nobody else does.
    #expect(agreement.limits.allSatisfy { $0.key.unwinder == .fp && $0.key.limit == .noFramePointer })
    for name in UnwinderName.allCases { #expect(agreement.agreedFrames[name, default: 0] > 0) }
    let module = try #require(report.modules.first { $0.path == program.path })
    let executed = Set(module.seen.keys).union(module.unjudged.keys).filter { program.instructions[$0] != nil }
    #expect(agreement.instructions == executed.count)
    return executed
  }

  /// What of the switch was not executed, but for what pads, and the personality, which only exceptions call.
  private func left(_ program: FiberProgram, _ executed: Set<UInt64>) -> [UInt64: String] {
    program.instructions.filter { address, _ in
      !executed.contains(address) && !program.contains("ft_fiber_personality", address: address)
    }
    .filter { !$0.value.contains("nop") && !$0.value.hasPrefix("ud2") && !$0.value.hasPrefix("int3") }
  }

  /// Every activation of the program's own functions is followed; its loader and libraries run at full speed.
  @Test("All five find the same frames, whoever resumes and wherever stacks lie", arguments: runs)
  func switching(_ resumer: String, _ placement: String) throws {
    let program = try FiberProgram(compiler: "gcc")
    let report = try Self.report(program, [resumer, placement], mode: .sampled(activations: .max))
    #expect(try left(program, expectAgreement(report, program)) == [:])
  }

  @Test("And if every instruction of the process is followed")
  func wholeProcess() throws {
    let program = try FiberProgram(compiler: "gcc")
    let report = try Self.report(program, ["moved", "mixed"], mode: .all)
    #expect(try left(program, expectAgreement(report, program)) == [:])
  }

  @Test("In what clang builds too, whose callers jump to the switch", arguments: runs)
  func clang(_ resumer: String, _ placement: String) throws {
    let program = try FiberProgram(compiler: "clang")
    let report = try Self.report(program, [resumer, placement], mode: .sampled(activations: .max))
    // What compilers without preserve_none call is not called here.
    let left = try left(program, expectAgreement(report, program)).filter {
      !program.contains("ft_fiber_resume_c", "ft_fiber_suspend_c", "ft_fiber_suspend_called", address: $0.key)
    }
    #expect(left == [:])
  }

  @Test("And while fibers of Swift are cancelled")
  func cancellation() throws {
    let program = try FiberProgram(path: Package.product("generator"))
    // The switch, and those that jump to it.
    let names = ["ft_fiber_*", "ft_resume", "ft_suspend", "*UnsafeFiberRecord.unwind()"]
    let report = try Self.report(program, mode: .sampled(activations: .max), functions: names)
    #expect(report.missingFunctions == [])
    let executed = try expectAgreement(report, program)
    for name in ["ft_fiber_resume", "ft_fiber_suspend"] {
      #expect(left(program, executed).filter { program.contains(name, address: $0.key) } == [:])
    }
    // A walk over a tree that is dropped half done ends by that.
    let cancelling = try #require(
      try run("nm", ["-S", program.path]).lines.first { $0.hasSuffix("RecordV6unwindyyF") })
    let fields = cancelling.split(separator: " ")
    let start = try #require(UInt64(fields[0], radix: 16))
    let size = try #require(UInt64(fields[1], radix: 16))
    let module = try #require(report.modules.first { $0.path == program.path })
    let inside = module.seen.keys.filter { (start..<start + size).contains($0) }
    // Also behind the call of the switch: the fiber has run to its end.
    #expect(inside.contains(start) && inside.count > 20, "\(inside.sorted())")
  }
}
