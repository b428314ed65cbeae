import Testing

@Suite("Variables across the switch, in gdb")
struct OutsideVariablesTests {
  /// How the program is built.
  enum Build: CaseIterable, Sendable {
    case clang
    case gcc
    /// clang, through the plain C entry points: what gcc's programs do, with variables where only clang leaves them.
    case clangPlainEntries

    var compiler: ProgramBuilder.Compiler { self == .gcc ? .gcc : .clang }
    /// The functions of the switch that the program executes.
    var functions: [String] {
      let switches = ["ft_fiber_resume", "ft_fiber_suspend"]
      return switch self {
      case .clang: switches
      case .gcc: switches + ["ft_fiber_resume_c"]
      case .clangPlainEntries: switches + ["ft_fiber_resume_c", "ft_fiber_suspend_c", "ft_fiber_suspend_called"]
      }
    }
    /// Where a resume and a suspend begin, before they overwrite a register.
    var entries: (resume: String, suspend: String) {
      switch self {
      case .clang: ("ft_fiber_resume+0", "ft_suspend+0")
      case .gcc: ("ft_fiber_resume_c+0", "ft_suspend+0")
      case .clangPlainEntries: ("ft_fiber_resume_c+0", "ft_fiber_suspend_c+0")
      }
    }
  }

  /// Runs the program with variables in registers, built with a switch of the given text, or the package's.
  static func run(_ build: Build, assembly: String? = nil) async throws -> OutsideRun {
    let builder = try ProgramBuilder()
    let program = try await builder.build(
      ["outside_variables.c"], named: "variables", with: build.compiler,
      flags: build == .clangPlainEntries ? ["-DPLAIN_ENTRIES"] : [], assembly: assembly)
    let run = try await OutsideUnwinder.debug(program)
    // Each function of the switch that this build uses is stepped from its first instruction to its last.
    let listing = try await SwitchListing(program: program)
    #expect(run.boundaries.isSuperset(of: listing.boundaries(of: build.functions)))
    return run
  }

  /// Readings that are neither the true value nor a plain refusal.
  static func wrong(_ run: OutsideRun) -> [OutsideRun.Variable] {
    run.variables.filter { $0.value != $0.truth && $0.value != "<optimized out>" }
  }

  @Test(
    "A caller's variable reads right or optimized out, never wrong, at each boundary and from inside the fiber",
    arguments: Build.allCases)
  func neverWrong(build: Build) async throws {
    let run = try await Self.run(build)
    let wrong = Self.wrong(run)
    #expect(wrong.isEmpty, "\(wrong.count) of \(run.variables.count) wrong, first \(String(describing: wrong.first))")
    // From inside the fiber, across its base: what callers saved on their own stack is there to be read.
    let across = run.variables.filter { $0.place == "observe" }
    for function in ["keeps_five", "calls_with_five"] {
      let right = Set(across.filter { $0.function == function && $0.value == $0.truth }.map(\.name))
      #expect(right.count >= 4, "\(function): only \(right.sorted()) can be read")
    }
    // Before anything is overwritten they can be read, or the readings after it would prove nothing. gcc lets the first five
    // end before a call, such as its resume.
    let scratch = ["rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11"].map { "in_\($0)" }
    for (function, place) in [
      ("resumes_from_scratch", build.entries.resume), ("suspends_from_scratch", build.entries.suspend),
    ] {
      let right = run.variables.filter { $0.function == function && $0.place == place && $0.value == $0.truth }
      let ended = build == .gcc && place == build.entries.resume ? 5 : 0
      #expect(Set(right.map(\.name)) == Set(scratch.dropFirst(ended)), "\(function) at \(place)")
    }
  }
}
