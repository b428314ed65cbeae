import Testing

/// A frame that gdb has to show: one of the program's, or one of the switch's.
struct ExpectedFrame {
  /// Nil for any of the switch's in a program without symbols.
  var function: String
  /// What the program knows of it; nil for the switch's.
  var own: FibersTruth.Frame?

  static let boundary = ExpectedFrame(function: "<signal handler called>")
}

extension FibersSession {
  /// The frames of the functions of the switch, where inlining leaves them out in a program without debug information.
  private func switchFrames(_ functions: String...) -> [ExpectedFrame] {
    let inlined = ["ft_suspend", "ft_resume"]
    return functions.filter { !form.isStripped || !form.isRelease || !inlined.contains($0) }
      .map { ExpectedFrame(function: form.isStripped ? "??" : $0) }
  }

  private func own(_ stack: String) -> [ExpectedFrame] {
    truth[stack].frames.map { ExpectedFrame(function: form.isStripped ? "??" : $0.function, own: $0) }
  }

  /// The frames on stacks each of which has resumed the one before it. The innermost stack comes first.
  func chain(_ stacks: String...) -> [ExpectedFrame] {
    let resume =
      [.boundary] + switchFrames("ft_fiber_resume")
      + (form.compiler == .gcc ? switchFrames("ft_fiber_resume_c") : []) + switchFrames("ft_resume")
    return Array(stacks.map(own).joined(separator: resume))
  }

  /// The frames of a fiber that is suspended.
  func suspended(_ stack: String) -> [ExpectedFrame] {
    switchFrames("ft_fiber_suspend", "ft_suspend") + own(stack) + [.boundary] + switchFrames("ft_fiber_not_running")
  }

  /// The frames of a fiber that has not started.
  var unstarted: [ExpectedFrame] {
    switchFrames("ft_fiber_suspend") + [.boundary] + switchFrames("ft_fiber_not_running")
  }

  /// Of all the traces of `command` the one that ends with these frames, from the innermost of them on: below a thread's
  /// innermost lie frames of libc. Nil, with the traces recorded, if none does.
  func trace(
    of command: String, ending expected: [ExpectedFrame], sourceLocation: SourceLocation = #_sourceLocation
  ) -> [GdbTracedFrame]? {
    let traces = self[command].traces
    for trace in traces {
      for start in trace.indices where matches(trace[start...].prefix(expected.count), expected) {
        return Array(trace[start...].prefix(expected.count))
      }
    }
    Issue.record(
      "\(fibersCase.testDescription): no trace has the frames \(expected.map(\.function)):\n\(self[command])",
      sourceLocation: sourceLocation)
    return nil
  }

  private func matches(_ frames: ArraySlice<GdbTracedFrame>, _ expected: [ExpectedFrame]) -> Bool {
    guard frames.count == expected.count else { return false }
    return zip(frames, expected).allSatisfy { traced, expected in
      guard traced.frame.function == expected.function else { return false }
      guard let own = expected.own else { return true }
      if let pc = own.pc, let shown = traced.registers["rip"], shown != pc { return false }
      guard !form.isStripped, let line = own.line else { return true }
      return traced.frame.place == "fibers.c:\(line)"
    }
  }
}
