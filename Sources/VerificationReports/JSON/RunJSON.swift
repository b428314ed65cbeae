internal import FrameVerification

/// `execution` of a file.
struct ExecutionJSON: Encodable {
  var instructions: Int
  var right: Int
  var times: Int
  var refuted: Int
  var unjudged: [String: Int]
  var functions: Int
  var fdes: Int?

  init(_ execution: ReportedExecution) {
    instructions = execution.instructions
    right = execution.right
    times = execution.times
    refuted = execution.refuted
    unjudged = Dictionary(execution.unjudged.map { ($0.reason, $0.count) }, uniquingKeysWith: +)
    functions = execution.functions
    fdes = execution.fdes
  }
}

/// `run`.
struct RunJSON: Encodable {
  struct Agreement: Encodable {
    var comparisons: Int
    var instructions: Int
    var unwinders: [Unwinder]
  }

  struct Unwinder: Encodable {
    var name: String
    var agreedFrames: Int
    var endedEarly: [String: Int]
  }

  var target: String
  var ending: String
  var exitStatus: Int?
  var signal: Int?
  var steps: Int
  var walks: Int
  var threads: Int
  var processes: Int
  var activations: Int?
  var notes: [String]
  var agreement: Agreement?

  init(_ run: ReportedRun) {
    target = run.target
    ending = run.ending
    exitStatus = run.exitStatus
    signal = run.signal
    steps = run.steps
    walks = run.walks
    threads = run.threads
    processes = run.processes
    activations = run.activations
    notes = run.notes
    agreement = run.agreement.map { agreement in
      Agreement(
        comparisons: agreement.comparisons, instructions: agreement.instructions,
        unwinders: agreement.unwinders.map { unwinder in
          Unwinder(
            name: unwinder.name, agreedFrames: unwinder.agreed,
            endedEarly: Dictionary(unwinder.limits.map { ($0.reason, $0.count) }, uniquingKeysWith: +))
        })
    }
  }
}
