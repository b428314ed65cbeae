extension TextReport {
  /// Runs of ids that a line names.
  private static let idLimit = 16
  /// Reasons that a line names.
  private static let reasonLimit = 3

  /// "1988 fibers, suspended: for the next tick", their ids, and their frames.
  func text(_ group: FiberGroup, frames: inout FrameText) -> String {
    var text = style.bold(counted(group.count, "fiber")) + ", \(group.kind.rawValue)\(reasons(of: group))\n"
    text += "      \(ids(of: group))\n"
    if let used = group.stackUsed {
      let (least, most) = (size(used.lowerBound), size(used.upperBound))
      let each = least == most ? least : "\(least) to \(most)"
      text += style.dim("      \(each) of each stack in use, together \(size(group.totalStackUsed))") + "\n"
    }
    if let defect = group.first.defect { text += style.warning("      each: \(defect)") + "\n" }
    if let overflow = group.first.overflow, group.first.defect == nil {
      let sentence = overflow.sentence(stackSize: group.first.stackSize)
      text += style.warning("      \(labels.number(group.first.reference)): \(sentence)") + "\n"
    }
    guard let trace = group.first.trace else { return text }
    return text + frames.lines(of: trace, omitted: group.omittedFrames, label: anyLabel)
  }

  /// "8 threads: 12, 13, 17", and their frames.
  func text(_ group: ThreadGroup, frames: inout FrameText) -> String {
    guard group.ids.count > 1 else { return text(group.first, overflowed: nil, frames: &frames) }
    var header = counted(group.ids.count, "thread")
    if group.first.signal != 0 { header += ", \(signalName(group.first.signal))" }
    let ids = listed(group.ids.map(String.init), of: group.ids.count)
    return style.bold(header) + "\n      \(ids)\n"
      + body(group.first.trace, omitted: group.omittedFrames, frames: &frames, label: anyLabel)
  }

  /// How the owner of a stack is called where it is another in each of a group.
  private func anyLabel(_ owner: StackOwner) -> String {
    switch owner {
    case .thread: "its thread"
    case .fiber, .unregistered: "a fiber"
    case .unknown: "an unknown stack"
    }
  }

  private func reasons(of group: FiberGroup) -> String {
    guard let first = group.waitReasons.first else { return "" }
    let reason = first.reason.escapedForTerminal
    if first.count == group.count { return ": \(reason)" }
    let shown = group.waitReasons.prefix(Self.reasonLimit).map { "\($0.count) \($0.reason.escapedForTerminal)" }
    let named = group.waitReasons.prefix(Self.reasonLimit).reduce(0) { $0 + $1.count }
    let rest = group.count - named
    return ": " + shown.joined(separator: ", ") + (rest > 0 ? ", \(rest) otherwise" : "")
  }

  /// "#1-40, #44, ... and 12 more"; with several registries "#1-40@runtime".
  private func ids(of group: FiberGroup) -> String {
    let suffix = labels.suffix(group.registry)
    let runs = group.ids.prefix(Self.idLimit)
    let shown = runs.map { run in
      "#\(run.lowerBound)" + (run.lowerBound == run.upperBound ? "" : "-\(run.upperBound)") + suffix
    }
    let named = runs.reduce(0) { $0 + $1.count }
    return shown.joined(separator: ", ") + (named < group.count ? ", ... and \(group.count - named) more" : "")
  }

  private func listed(_ names: [String], of count: Int) -> String {
    let shown = names.prefix(Self.idLimit)
    return shown.joined(separator: ", ") + (shown.count < count ? ", ... and \(count - shown.count) more" : "")
  }
}
