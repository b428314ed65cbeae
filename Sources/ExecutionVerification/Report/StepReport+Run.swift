internal import FiberInspection
package import FrameVerification

extension StepReport {
  /// How it went, for reports.
  ///
  /// - Parameters:
  ///   - target: what was run, as messages call it.
  ///   - options: those of the run.
  package func run(of target: String, _ options: RunOptions) -> ReportedRun {
    var run = ReportedRun(target: target, ending: sentence)
    switch ending {
    case .exited(let status): run.exitStatus = Int(status)
    case .signalled(let signal): run.signal = Int(signal)
    case .detached: break
    }
    run.steps = steps
    run.walks = walks
    run.threads = threads
    run.processes = processes
    if case .sampled(let activations) = options.mode { run.activations = activations }
    if leftAlone > 0 {
      run.notes.append(
        "\(counted(leftAlone, "activation")) showed nothing new for long, and ran to \(leftAlone == 1 ? "its" : "their") return"
      )
    }
    if lostMismatches > 0 {
      run.notes.append("rows were found wrong \(counted(lostMismatches, "time")) more, at too many places to be listed")
    }
    if let agreement { run.agreement = ReportedAgreement(agreement) }
    return run
  }

  /// "exited with 0", "let go after 10 s, and runs on".
  private var sentence: String {
    let end =
      switch ending {
      case .exited(let status): "exited with \(status)"
      case .signalled(let signal): "was ended by \(signalName(signal))"
      case .detached: "runs on"
      }
    switch stop {
    case nil: return end
    case .signal(let signal, _): return "let go at \(signalName(signal)); it \(end)"
    case .steps(let count): return "let go after \(count) steps; it \(end)"
    case .time(let limit): return "let go after \(limit); it \(end)"
    }
  }
}

extension ReportedAgreement {
  fileprivate init(_ report: AgreementReport) {
    self.init(
      unwinders: report.unwinders.map { name in
        let limits = report.limits.filter { $0.key.unwinder == name }
          .sorted { $0.key.limit.rawValue < $1.key.limit.rawValue }
        return Unwinder(
          name: name.rawValue, agreed: report.agreedFrames[name] ?? 0,
          limits: limits.map { ReportedUnjudged(reason: $0.key.limit.rawValue, count: $0.value) })
      }, instructions: report.instructions, comparisons: report.comparisons)
  }
}
