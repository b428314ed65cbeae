/// The lines of a trace's frames.
struct FrameText {
  let style: TextStyle

  /// Names up to this width share a column; longer ones push their place to the right.
  private static let columnLimit = 56

  /// One line of a frame: a function, and where it is.
  private struct Line {
    var number: Int
    var name: String
    var place: String
    var mark: String
    var isDim: Bool

    /// What stands after the name.
    var rest: String { [place, mark].filter { !$0.isEmpty }.joined(separator: "  ") }
  }

  /// Widths of the columns of a trace.
  private struct Layout {
    var numberWidth: Int
    var nameWidth: Int
  }

  /// All frames of a trace with the boundaries between stacks, each line ended.
  func lines(of trace: Trace, labels: Labels) -> String {
    let lines = trace.segments.map { $0.frames.flatMap(self.lines) }
    let last = trace.segments.last.map { $0.numbers.upperBound - 1 } ?? 0
    let layout = layout(of: lines.joined(), numberWidth: max(4, String(last).count + 1))
    var text = ""
    var next = 0
    for (index, segment) in trace.segments.enumerated() {
      if index > 0 {
        let inner = trace.segments[index - 1]
        // Where the boundary lies among frames left out, they come first.
        text += omission(in: trace, before: segment.numbers.lowerBound, after: &next)
        text += boundary(labels.label(inner.owner), labels.label(segment.owner))
      }
      for line in lines[index] {
        text += omission(in: trace, before: line.number, after: &next)
        text += self.text(line, layout)
        next = line.number + 1
      }
    }
    if let last = trace.segments.last { text += omission(in: trace, before: last.numbers.upperBound, after: &next) }
    return text + end(of: trace)
  }

  /// The columns of `lines`. On a terminal too narrow for them, names get at most half of it.
  private func layout(of lines: some Sequence<Line>, numberWidth: Int) -> Layout {
    let widths = lines.map { (name: $0.name.count, rest: $0.rest.count) }
    func layout(limit: Int) -> Layout {
      Layout(numberWidth: numberWidth, nameWidth: widths.lazy.map(\.name).filter { $0 <= limit }.max() ?? 0)
    }
    let wide = layout(limit: Self.columnLimit)
    let longest = widths.lazy.map { numberWidth + 2 + max(wide.nameWidth, $0.name) + 2 + $0.rest }.max() ?? 0
    guard let columns = style.columns, columns < longest else { return wide }
    return layout(limit: min(Self.columnLimit, columns / 2))
  }

  private func boundary(_ inner: String, _ outer: String) -> String {
    "   " + style.bold("\(style.rule) \(inner) resumed by \(outer) \(style.rule)") + "\n"
  }

  private func omission(in trace: Trace, before number: Int, after next: inout Int) -> String {
    guard next < number else { return "" }
    defer { next = number }
    return style.warning("      ... \(counted(number - next, "frame")) not shown (--frames)") + "\n"
  }

  private func end(of trace: Trace) -> String {
    let reason: String
    switch trace.end {
    case .outermost: return ""
    case .limit: reason = "there are more frames: the walk was given up"
    case .cycle: reason = "a frame seen before follows: links between stacks or frame pointers form a cycle"
    case .failed(let why): reason = why
    }
    return style.warning("      the trace ends here: \(reason.escapedForTerminal)") + "\n"
  }

  private func text(_ line: Line, _ layout: Layout) -> String {
    let number = String(line.number)
    var text = String(repeating: " ", count: max(0, layout.numberWidth - number.count)) + number + "  " + line.name
    if !line.rest.isEmpty {
      text += String(repeating: " ", count: max(0, layout.nameWidth - line.name.count)) + "  " + line.rest
    }
    return (line.isDim ? style.dim(text) : text) + "\n"
  }

  /// A line for each inlined function and one for the frame's own; a line with the address where no name is known.
  private func lines(_ frame: TraceFrame) -> [Line] {
    let location = frame.location
    let mark =
      switch frame.frame.found {
      case .cfi: ""
      case .fp: "[by frame pointer]"
      case .top: "[by the top of the stack]"
      case .scan: "(found by scan)"
      }
    let module = location.modulePath.map { "in " + baseName($0).escapedForTerminal }
    // Locations are those of the lookup address; people expect to see distances of the address itself.
    let adjustment = frame.frame.programCounter.address &- frame.frame.programCounter.lookup
    guard !location.functions.isEmpty else {
      let place = location.modulePath.map {
        "in \(baseName($0).escapedForTerminal)+\(hexadecimal(location.moduleOffset &+ adjustment))"
      }
      let address = hexadecimal(frame.frame.programCounter.address)
      return [
        Line(number: frame.number, name: address, place: place ?? "in no module", mark: mark, isDim: false)
      ]
    }
    return location.functions.map { function in
      var name = function.name.escapedForTerminal(limit: functionWidthLimit)
      if function.isInlined {
        name += " (inlined)"
      } else if function.source == nil, let offset = function.offset {
        name += " + \(hexadecimal(offset &+ adjustment))"
      }
      return Line(
        number: frame.number, name: name, place: function.source?.text(from: style.directory) ?? module ?? "",
        mark: function.isInlined ? "" : mark,
        isDim: function.isOfRuntime || !function.isInlined && location.runtimeFunction != nil)
    }
  }
}
