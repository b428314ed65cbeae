internal import FiberInspection
internal import FrameVerification

/// What was executed, for people.
struct RunText {
  private let style: TextStyle

  init(_ style: TextStyle) { self.style = style }

  /// "2,345 instructions in 120 of 450 FDEs: 2,300 right 1,234,567 times, 0 refuted, 45 not judged: 45 no-row".
  func text(of execution: ReportedExecution) -> String {
    var text = number(execution.instructions, "instruction")
    if let fdes = execution.fdes {
      text += " in \(grouped(execution.functions)) of \(number(fdes, "FDE"))"
    } else if execution.functions > 0 {
      text += " in \(number(execution.functions, "function"))"
    }
    text += ": " + style.proved("\(grouped(execution.right)) right \(number(execution.times, "time"))")
    let refuted = "\(grouped(execution.refuted)) refuted"
    text += ", " + (execution.refuted > 0 ? style.refuted(refuted) : refuted)
    let unjudged = execution.unjudged.reduce(0) { $0 + $1.count }
    if unjudged > 0 {
      let reasons = execution.unjudged.map { "\(grouped($0.count)) \($0.reason)" }
      text += ", \(grouped(unjudged)) not judged: \(reasons.joined(separator: ", "))"
    }
    return text
  }

  /// Some lines: how it ended, how much was looked at, how unwinders agreed.
  func text(of run: ReportedRun) -> String {
    let target = style.bold(run.target.escapedForTerminal)
    var text = "\(target): \(run.ending); \(number(run.steps, "step"))"
    if let activations = run.activations { text += " (\(number(activations, "activation")) of each function)" }
    text += ", \(number(run.walks, "whole walk")), \(number(run.threads, "thread"))"
    if run.processes > 1 { text += ", \(grouped(run.processes)) processes" }
    text += "\n"
    for note in run.notes { text += "  \(note.escapedForTerminal)\n" }
    if let agreement = run.agreement { text += self.text(of: agreement) }
    return text
  }

  private func text(of agreement: ReportedAgreement) -> String {
    var text =
      "unwinders compared \(number(agreement.comparisons, "time")) at \(number(agreement.instructions, "instruction"))\n"
    let width = agreement.unwinders.map(\.name.utf8.count).max() ?? 0
    for unwinder in agreement.unwinders {
      let padding = String(repeating: " ", count: width - unwinder.name.utf8.count)
      text += "  \(unwinder.name)\(padding)  \(number(unwinder.agreed, "frame"))"
      if unwinder.name != ReportedAgreement.reference { text += " as the rows have them" }
      if !unwinder.limits.isEmpty {
        let limits = unwinder.limits.map { "\(grouped($0.count)) \($0.reason)" }
        text += "; ended early: \(limits.joined(separator: ", "))"
      }
      text += "\n"
    }
    return text
  }
}

extension [ReportedExecution] {
  /// All together.
  var sum: ReportedExecution {
    var sum = ReportedExecution()
    var unjudged: [String: Int] = [:]
    var order: [String] = []
    for execution in self {
      sum.instructions += execution.instructions
      sum.right += execution.right
      sum.times += execution.times
      sum.refuted += execution.refuted
      sum.functions += execution.functions
      if let fdes = execution.fdes { sum.fdes = (sum.fdes ?? 0) + fdes }
      for reason in execution.unjudged {
        if unjudged[reason.reason] == nil { order.append(reason.reason) }
        unjudged[reason.reason, default: 0] += reason.count
      }
    }
    sum.unjudged = order.sorted().map { ReportedUnjudged(reason: $0, count: unjudged[$0] ?? 0) }
    return sum
  }
}
