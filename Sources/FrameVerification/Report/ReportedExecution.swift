/// What was executed of a file, and how its rows fitted.
package struct ReportedExecution: Sendable, Hashable {
  /// Different instructions that were executed one by one.
  package var instructions = 0
  /// Those whose row was right whenever it was looked at, and how often that was.
  package var right = 0
  package var times = 0
  /// Those whose row was wrong at least once.
  package var refuted = 0
  /// Those that were not judged, by reason, in the reasons' order.
  package var unjudged: [ReportedUnjudged] = []
  /// Functions of which at least one activation was followed.
  package var functions = 0
  /// FDEs in the file, each a function or a part of one; nil if the file cannot be read.
  package var fdes: Int?

  package init() {}
}

/// Instructions that were executed and not judged for one reason.
package struct ReportedUnjudged: Sendable, Hashable {
  /// Lowercase words with hyphens: "no-row".
  package var reason: String
  package var count: Int

  package init(reason: String, count: Int) {
    self.reason = reason
    self.count = count
  }
}

/// How a program was run.
package struct ReportedRun: Sendable, Hashable {
  /// What was run: "ls -l", "process 4711".
  package var target: String
  /// How it ended, with why it was let go if it was: "exited with 0".
  package var ending: String
  /// Exit status and signal that ended the first process, as far as was seen.
  package var exitStatus: Int?
  package var signal: Int?
  /// Instructions that were executed one by one.
  package var steps = 0
  /// Walks of whole stacks that were compared.
  package var walks = 0
  /// Threads and processes that were followed.
  package var threads = 0
  package var processes = 0
  /// Activations of a function that were followed, at most; nil if every instruction was.
  package var activations: Int?
  /// What is worth saying of how it went, a sentence each.
  package var notes: [String] = []
  /// Unwinders that were held against each other.
  package var agreement: ReportedAgreement?

  package init(target: String, ending: String) {
    self.target = target
    self.ending = ending
  }
}

/// How unwinders agreed.
package struct ReportedAgreement: Sendable, Hashable {
  /// One of them.
  package struct Unwinder: Sendable, Hashable {
    package var name: String
    /// Frames that it found as the rows say; of the rows, all they led to.
    package var agreed: Int
    /// Walks that it ended early for a reason that is known of it, by reason.
    package var limits: [ReportedUnjudged]

    package init(name: String, agreed: Int, limits: [ReportedUnjudged]) {
      self.name = name
      self.agreed = agreed
      self.limits = limits
    }
  }

  /// The name of our own, which the others are held against.
  package static let reference = "rows"

  package var unwinders: [Unwinder]
  /// Different instructions at which they walked the stack, and how often they did.
  package var instructions: Int
  package var comparisons: Int

  package init(unwinders: [Unwinder], instructions: Int, comparisons: Int) {
    self.unwinders = unwinders
    self.instructions = instructions
    self.comparisons = comparisons
  }
}
