/// A dump as text for people.
public struct TextReport {
  private let dump: Dump
  private let listsProblems: Bool
  private let style: TextStyle
  private let labels: Labels
  private let frames: FrameText

  /// A report of `dump`.
  ///
  /// - Parameter listsProblems: whether it begins with what could not be read, which it does unless that is
  ///   shown beside it.
  public init(_ dump: Dump, style: TextStyle = TextStyle(), listsProblems: Bool = true) {
    self.dump = dump
    self.listsProblems = listsProblems
    self.style = style
    labels = Labels(dump.registries)
    frames = FrameText(style: style)
  }

  /// Writes the report, a thread or a fiber at a time.
  public func write(to output: inout some TextOutputStream) {
    output.write(style.bold(header) + "\n")
    for problem in dump.problems where listsProblems {
      output.write(style.warning("incomplete: \(problem.description.escapedForTerminal)") + "\n")
    }
    for note in dump.notes { output.write("note: \(note.description.escapedForTerminal)\n") }
    var overflowed: [Int32: FiberDump] = [:]
    for fiber in dump.fibers where fiber.overflow != nil {
      if case .running(let thread) = fiber.state { overflowed[thread] = fiber }
    }
    for thread in dump.threads { output.write("\n" + text(thread, overflowed: overflowed[thread.id])) }

    let places = TracePlaces(dump.threads)
    for registry in dump.registries where !registry.fibers.isEmpty {
      if dump.registries.count > 1 {
        let module = baseName(registry.modulePath).escapedForTerminal
        output.write("\n" + style.bold("fibers of \(registry.runtime.escapedForTerminal) in \(module)") + "\n")
      }
      for fiber in registry.fibers { output.write("\n" + text(fiber, places: places)) }
    }
  }

  /// "nested, process 4711: 1 thread, 3 fibers (1 running, 2 resuming); stopped for 0.8 ms".
  private var header: String {
    var text = dump.command.escapedForTerminal
    if let id = dump.processID { text += ", process \(id)" }
    if case .core(let path) = dump.source { text += ", core \(path.escapedForTerminal)" }
    text += ": \(counted(dump.threads.count, "thread")), \(fiberSummary)"
    if case .process(let stopped) = dump.source { text += "; stopped for \(milliseconds(stopped))" }
    for thread in dump.threads where thread.signal != 0 {
      text += "; \(signalName(thread.signal)) in thread \(thread.id)"
    }
    return text
  }

  private var fiberSummary: String {
    var counts: [String: Int] = [:]
    var total = 0
    for fiber in dump.fibers {
      counts[fiber.state.word, default: 0] += 1
      total += 1
    }
    guard total > 0 else { return "no fibers" }
    let parts = FiberState.words.compactMap { word in counts[word].map { "\($0) \(word)" } }
    return "\(counted(total, "fiber")) (\(parts.joined(separator: ", ")))"
  }

  /// - Parameter overflowed: the fiber that it runs, if its stack has overflowed.
  private func text(_ thread: ThreadDump, overflowed: FiberDump?) -> String {
    var header = "thread \(thread.id)"
    if let name = thread.name { header += " \"\(name.escapedForTerminal)\"" }
    if thread.signal != 0 { header += ", \(signalName(thread.signal))" }
    if let overflowed {
      header += ", runs \(labels.label(overflowed.reference)), whose stack has overflowed"
    } else if case .fiber(let fiber) = thread.trace?.segments.first?.owner {
      header += ", runs \(labels.label(fiber))"
    }
    let body =
      thread.trace.map { frames.lines(of: $0, labels: labels) }
      ?? style.warning("      its registers could not be read") + "\n"
    return style.bold(header) + "\n" + body
  }

  private func text(_ fiber: FiberDump, places: TracePlaces) -> String {
    var text = style.bold(labels.label(fiber.reference)) + ", \(state(of: fiber))\n"
    text += style.dim("      \(facts(of: fiber))") + "\n"
    if let overflow = fiber.overflow, fiber.defect == nil {
      text += style.warning("      \(overflow.sentence(stackSize: fiber.stackSize))") + "\n"
    }
    if let defect = fiber.defect { text += style.warning("      \(defect)") + "\n" }
    if let trace = fiber.trace { text += frames.lines(of: trace, labels: labels) }
    if fiber.trace == nil, let place = places.place(of: fiber.reference) {
      text += "      its frames: \(place)\n"
    }
    return text
  }

  private func state(of fiber: FiberDump) -> String {
    let text: String
    switch fiber.state {
    case .running(let thread): text = "running on thread \(thread)"
    case .resuming(let inner, let thread): text = "resuming \(labels.short(inner)) on thread \(thread)"
    case .switching(let thread): text = "being switched by thread \(thread)"
    case .suspended: text = "suspended" + (fiber.waitReason.map { ": \($0.escapedForTerminal)" } ?? "")
    case .notStarted: text = "not started"
    case .finished: text = "finished"
    case .unlocated: text = "on a thread by its record, but found on none"
    }
    return switch fiber.evidence {
    case .record, .trace: text
    case .stackPointer: text + " (by its stack pointer: the trace does not reach the fiber's base)"
    case .link: text + " (by its link: the trace does not reach it)"
    }
  }

  private func facts(of fiber: FiberDump) -> String {
    var facts: [String] = []
    switch (fiber.stackUsed, fiber.stackSize) {
    case (let used?, let whole?): facts.append("stack \(size(used)) of \(size(whole)) in use")
    case (nil, let whole?): facts.append("stack of \(size(whole))")
    default: facts.append("stack unknown")
    }
    if fiber.timesResumed > 0 { facts.append("resumed \(times(fiber.timesResumed))") }
    if let creation = fiber.creation { facts.append("created by \(creation.sentence(from: style.directory))") }
    return facts.joined(separator: ", ")
  }
}

extension FiberState {
  /// The states as a summary names them, in its order.
  fileprivate static let words = [
    "running", "resuming", "switching", "suspended", "not started", "finished", "not found",
  ]

  fileprivate var word: String {
    switch self {
    case .running: "running"
    case .resuming: "resuming"
    case .switching: "switching"
    case .suspended: "suspended"
    case .notStarted: "not started"
    case .finished: "finished"
    case .unlocated: "not found"
    }
  }
}
