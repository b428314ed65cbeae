/// A dump as text for people.
public struct TextReport {
  let dump: Dump
  let style: TextStyle
  let labels: Labels
  private let listsProblems: Bool
  private let detail: ReportDetail

  /// A report of `dump`.
  ///
  /// - Parameters:
  ///   - detail: what of each frame is shown.
  ///   - listsProblems: whether it begins with what could not be read, which it does unless that is
  ///     shown beside it.
  public init(
    _ dump: Dump, style: TextStyle = TextStyle(), detail: ReportDetail = ReportDetail(), listsProblems: Bool = true
  ) {
    self.dump = dump
    self.listsProblems = listsProblems
    self.style = style
    self.detail = detail
    labels = Labels(dump.registries)
  }

  /// Writes the report, a thread or a fiber at a time.
  ///
  /// - Parameter progress: told after each fiber.
  public func write(to output: inout some TextOutputStream, progress: (DumpProgress) -> Void = { _ in }) {
    writeHeader(to: &output)
    var frames = FrameText(style: style, detail: detail)
    var overflowed: [Int32: FiberDump] = [:]
    for fiber in dump.fibers where fiber.overflow != nil {
      if case .running(let thread) = fiber.state { overflowed[thread] = fiber }
    }
    for thread in dump.threads {
      output.write("\n" + text(thread, overflowed: overflowed[thread.id], frames: &frames))
    }

    let places = TracePlaces(dump.threads)
    let total = dump.registries.reduce(0) { $0 + $1.fibers.count }
    var done = 0
    for (number, registry) in dump.registries.enumerated() where !registry.fibers.isEmpty {
      writeHeading(of: number, to: &output)
      for fiber in registry.fibers {
        output.write("\n" + text(fiber, places: places, frames: &frames))
        done += 1
        progress(DumpProgress(phase: .writing, done: done, total: total))
      }
    }
  }

  /// Writes the report with each distinct stack once, and with who has it; the largest group of threads and of fibers first.
  ///
  /// - Parameter comparison: which stacks are distinct.
  public func writeGroups(to output: inout some TextOutputStream, by comparison: StackComparison = .whole) {
    writeHeader(to: &output)
    var frames = FrameText(style: style, detail: detail)
    for group in dump.threadGroups(by: comparison) { output.write("\n" + text(group, frames: &frames)) }
    let places = TracePlaces(dump.threads)
    for group in dump.fiberGroups(by: comparison) {
      let isAlone = group.count == 1
      output.write(
        "\n" + (isAlone ? text(group.first, places: places, frames: &frames) : text(group, frames: &frames)))
    }
  }

  private func writeHeader(to output: inout some TextOutputStream) {
    output.write(style.bold(header) + "\n")
    if dump.selection.isFiltered, dump.registries.allSatisfy(\.fibers.isEmpty) {
      output.write("no fiber matches \(dump.selection.options)\n")
    }
    for problem in dump.problems where listsProblems {
      output.write(style.warning("incomplete: \(problem.description.escapedForTerminal)") + "\n")
    }
    for note in dump.notes { output.write("note: \(note.description.escapedForTerminal)\n") }
  }

  private func writeHeading(of registry: Int, to output: inout some TextOutputStream) {
    guard dump.registries.count > 1 else { return }
    let module = baseName(dump.registries[registry].modulePath).escapedForTerminal
    let runtime = dump.registries[registry].runtime.escapedForTerminal
    output.write("\n" + style.bold("fibers of \(runtime) in \(module)") + "\n")
  }

  /// "nested, process 4711: 1 thread, 3 fibers (1 running, 2 resuming); stopped for 0.8 ms".
  private var header: String {
    var text = dump.command.escapedForTerminal
    if let id = dump.processID { text += ", process \(id)" }
    if case .core(let path) = dump.source { text += ", core \(path.escapedForTerminal)" }
    text += ": \(counted(dump.threadCount, "thread")), \(fiberSummary)"
    if case .process(let stopped) = dump.source { text += "; stopped for \(milliseconds(stopped))" }
    for thread in dump.threads where thread.signal != 0 {
      text += "; \(signalName(thread.signal)) in thread \(thread.id)"
    }
    return text
  }

  private var fiberSummary: String {
    let total = dump.fiberCounts.values.reduce(0, +)
    guard total > 0 else { return "no fibers" }
    let parts = FiberState.Kind.allCases.compactMap { kind in dump.fiberCounts[kind].map { "\($0) \(kind.rawValue)" } }
    let shown = dump.selection.isFiltered ? ", \(dump.fibers.count { _ in true }) of them shown" : ""
    return "\(counted(total, "fiber")) (\(parts.joined(separator: ", ")))\(shown)"
  }

  /// - Parameter overflowed: the fiber that it runs, if its stack has overflowed.
  func text(_ thread: ThreadDump, overflowed: FiberDump?, frames: inout FrameText) -> String {
    var header = "thread \(thread.id)"
    if let name = thread.name { header += " \"\(name.escapedForTerminal)\"" }
    if thread.signal != 0 { header += ", \(signalName(thread.signal))" }
    if let overflowed {
      header += ", runs \(labels.label(overflowed.reference)), whose stack has overflowed"
    } else if case .fiber(let fiber) = thread.trace?.segments.first?.owner {
      header += ", runs \(labels.label(fiber))"
    }
    return style.bold(header) + "\n" + body(thread.trace, frames: &frames, label: labels.label)
  }

  /// The frames of a thread or of a group of threads.
  func body(
    _ trace: Trace?, omitted: ClosedRange<Int>? = nil, frames: inout FrameText, label: (StackOwner) -> String
  ) -> String {
    trace.map { frames.lines(of: $0, omitted: omitted, label: label) }
      ?? style.warning("      its registers could not be read") + "\n"
  }

  func text(_ fiber: FiberDump, places: TracePlaces, frames: inout FrameText) -> String {
    var text = style.bold(labels.label(fiber.reference)) + ", \(state(of: fiber))\n"
    text += style.dim("      \(facts(of: fiber))") + "\n"
    if let overflow = fiber.overflow, fiber.defect == nil {
      text += style.warning("      \(overflow.sentence(stackSize: fiber.stackSize))") + "\n"
    }
    if let defect = fiber.defect { text += style.warning("      \(defect)") + "\n" }
    if let place = places.place(of: fiber.reference) {
      text += "      its frames: \(place)\n"
    } else if let trace = fiber.trace {
      text += frames.lines(of: trace, resumer: fiber.resumer, label: labels.label)
    }
    return text
  }

  private func state(of fiber: FiberDump) -> String {
    labels.state(fiber.state, evidence: fiber.evidence, waitReason: fiber.waitReason)
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
