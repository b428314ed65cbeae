internal import ArgumentParser
internal import ExecutionVerification
internal import FrameVerification

/// What `verify` runs, and how it follows it.
struct VerifyRunOptions: ParsableArguments {
  /// What `--exit-status` passes on.
  enum Status: String, ExpressibleByArgument, CaseIterable {
    case verdict
    case target
  }

  @Flag(help: "Run the program behind --, or the one file that is named, and check rows against its real stacks.")
  var run = false

  @Option(help: ArgumentHelp("Follow a process that runs, until it ends or Ctrl-C.", valueName: "pid"))
  var attach: Int32?

  @Option(
    help: ArgumentHelp(
      "How many activations of each function are followed instruction by instruction; later ones run at full speed. 3 if not given.",
      valueName: "number"))
  var activations: Int?

  @Flag(help: "Follow every instruction of every thread.")
  var all = false

  @Option(
    help: ArgumentHelp(
      "Only functions of modules of this name: a pattern with * and ?, of the path or its last part. May be given several times.",
      valueName: "pattern"))
  var module: [String] = []

  @Option(
    help: ArgumentHelp(
      "Hold unwinders against each other: some of rows, libunwind, libdw, fp and gdb, with commas between.",
      valueName: "names"))
  var unwinders: UnwinderList?

  @Option(
    help: ArgumentHelp(
      "Compare unwinders at each so many-th instruction; in code that switches stacks at every one. 1000 if not given.",
      valueName: "number"))
  var compareEvery: Int?

  @Option(help: ArgumentHelp("Let it go after so many instructions.", valueName: "number"))
  var maxSteps: Int?

  @Option(help: ArgumentHelp("Let it go after so many seconds.", valueName: "seconds"))
  var timeout: Double?

  @Option(
    help: ArgumentHelp(
      "Exit with the verdict's code, or with the program's: 128 and the signal's number if one ended it.",
      valueName: "verdict|target"))
  var exitStatus: Status?

  /// Something is run or followed.
  var isWanted: Bool { run || attach != nil }

  func validate() throws {
    if run, attach != nil { throw ValidationError("--run starts a program and --attach follows one: give one of them") }
    if !isWanted, let name = firstGiven {
      throw ValidationError("\(name) is for --run and --attach, and neither is given")
    }
    if all, activations != nil {
      throw ValidationError("--all follows everything: --activations is for runs without it")
    }
    if let attach, attach < 1 { throw ValidationError("--attach is \(attach): process ids are positive") }
    for (name, value) in [("--activations", activations), ("--compare-every", compareEvery), ("--max-steps", maxSteps)]
    {
      if let value, value < 1 { throw ValidationError("\(name) is \(value): expected at least 1") }
    }
    if compareEvery != nil, unwinders == nil {
      throw ValidationError("--compare-every is of --unwinders, which is not given")
    }
    if let timeout, !(timeout > 0 && timeout <= 1e9) {
      throw ValidationError("--timeout is \(timeout): expected more than 0 seconds, and 1,000,000,000 at most")
    }
    if module.contains("") { throw ValidationError("--module is empty: name a module") }
    if attach != nil, exitStatus == .target {
      throw ValidationError(
        "--exit-status target is for --run: how others' processes end is not this command's to tell")
    }
  }

  private var firstGiven: String? {
    let given: [(String, Bool)] = [
      ("--activations", activations != nil), ("--all", all), ("--module", !module.isEmpty),
      ("--unwinders", unwinders != nil), ("--compare-every", compareEvery != nil), ("--max-steps", maxSteps != nil),
      ("--timeout", timeout != nil), ("--exit-status", exitStatus != nil),
    ]
    return given.first { $0.1 }?.0
  }

  /// For the run itself.
  ///
  /// - Parameters:
  ///   - functions: names of those that are followed; empty for all.
  ///   - files: paths of those that are followed; empty for all.
  func options(functions: [String], files: Set<String>) -> RunOptions {
    var options = RunOptions()
    options.mode = all ? .all : .sampled(activations: activations ?? 3)
    options.modules = module.map(GlobPattern.init)
    options.modulePaths = files
    options.functions = functions
    options.mostSteps = maxSteps
    options.timeout = timeout.map { .seconds($0) }
    options.endsOnSignals = true
    options.waitsForEnd = exitStatus == .target
    options.inheritance = Descriptors.inherited
    options.unwinders = unwinders?.names ?? []
    if let compareEvery { options.agreement.interval = compareEvery }
    return options
  }
}

/// Names of unwinders with commas between them.
struct UnwinderList: ExpressibleByArgument {
  let names: [UnwinderName]

  init?(argument: String) {
    let names = argument.split(separator: ",", omittingEmptySubsequences: false).map {
      UnwinderName(rawValue: String($0))
    }
    guard names.allSatisfy({ $0 != nil }) else { return nil }
    self.names = names.compactMap(\.self)
  }

  static var allValueStrings: [String] { UnwinderName.allCases.map(\.rawValue) }
}
