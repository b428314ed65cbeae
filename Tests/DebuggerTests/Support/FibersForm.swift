import TestSupport
import Testing

/// Programs/fibers.c, built in one of many ways.
struct FibersForm: Hashable, Sendable, CustomTestStringConvertible {
  var compiler: DebuggedProgram.Compiler
  /// Built as a release is; else without any optimization.
  var isRelease: Bool
  /// Without symbols and debug information.
  var isStripped = false
  /// Linked to no fixed addresses.
  var isPIE = true

  /// By both compilers, in debug and release, with debug information and without; at fixed addresses each of these once.
  static let all: [FibersForm] =
    [DebuggedProgram.Compiler.clang, .gcc].flatMap { compiler in
      [false, true].flatMap { isRelease in
        [false, true].map { FibersForm(compiler: compiler, isRelease: isRelease, isStripped: $0) }
      }
    } + [
      FibersForm(compiler: .clang, isRelease: false, isStripped: true, isPIE: false),
      FibersForm(compiler: .clang, isRelease: true, isPIE: false),
      FibersForm(compiler: .gcc, isRelease: false, isPIE: false),
      FibersForm(compiler: .gcc, isRelease: true, isStripped: true, isPIE: false),
    ]

  var program: DebuggedProgram {
    DebuggedProgram(
      source: "Tests/DebuggerTests/Programs/fibers.c", compiler: compiler,
      options: [isRelease ? "-O2" : "-O0"] + (isStripped ? ["-s"] : []) + (isPIE ? [] : ["-no-pie", "-fno-pie"]))
  }

  var testDescription: String {
    "\(compiler)\(isRelease ? " -O2" : " -O0")\(isStripped ? " stripped" : "")\(isPIE ? "" : " no-pie")"
  }
}

/// What gdb looks at.
enum FibersView: Sendable {
  case process
  /// A core that the system has written.
  case core
  /// A core that gdb's gcore has written.
  case savedCore

  /// A running program, and what gdb is to be given: valid as long as the program and `directory` are.
  func subject(of program: RunningProgram, path: String, in directory: TemporaryDirectory) throws -> GdbSubject {
    switch self {
    case .process: .process(program.id)
    case .core: .core(try program.leaveCore(), program: path)
    case .savedCore: .core(try program.core(in: directory), program: path)
    }
  }
}

/// One session of the matrix.
struct FibersCase: Hashable, Sendable, CustomTestStringConvertible {
  var form: FibersForm
  var view: FibersView

  /// Every form as a process and as the system's core; gcore's differ from these by their writer alone.
  static let all =
    FibersForm.all.flatMap { form in [FibersView.process, .core].map { FibersCase(form: form, view: $0) } }
    + [FibersCase(form: FibersForm(compiler: .clang, isRelease: true, isStripped: true), view: .savedCore)]
    + [FibersCase(form: FibersForm(compiler: .gcc, isRelease: false, isPIE: false), view: .savedCore)]
  /// Those with symbols and debug information.
  static let named = all.filter { !$0.form.isStripped }

  var testDescription: String { "\(form.testDescription), \(view)" }
}
