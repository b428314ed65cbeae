/// The lines of traces' frames. Lines of a frame that occurs again are made once.
struct FrameText {
  let style: TextStyle
  let detail: ReportDetail

  /// Names up to this width share a column; longer ones push their place to the right.
  private static let columnLimit = 56

  /// By the frame's number in the dump's table.
  private var known: [UInt32: [FrameLine]] = [:]

  init(style: TextStyle, detail: ReportDetail = ReportDetail()) {
    self.style = style
    self.detail = detail
  }

  /// A line with the number of its frame.
  private struct Line {
    var number: Int
    var text: FrameLine
  }

  /// Widths of the columns of a trace.
  private struct Layout {
    var numberWidth: Int
    var nameWidth: Int
  }

  /// All frames of a trace with the boundaries between stacks, each line ended.
  ///
  /// - Parameters:
  ///   - omitted: how many frames are left out of each of a group, the trace being that of one; nil for a trace of its own.
  ///   - resumer: whose stack comes after the trace, where that is shown elsewhere.
  ///   - label: what an owner of a stack is called.
  mutating func lines(
    of trace: Trace, omitted: ClosedRange<Int>? = nil, resumer: StackOwner? = nil, label: (StackOwner) -> String
  ) -> String {
    let lines = trace.segments.map { self.lines(of: $0, in: trace) }
    let last = trace.segments.last.map { $0.numbers.upperBound - 1 } ?? 0
    let layout = layout(of: lines.joined(), numberWidth: max(4, String(last).utf8.count + 1))
    var text = ""
    var next = 0
    for (index, segment) in trace.segments.enumerated() {
      if index > 0 {
        let inner = trace.segments[index - 1]
        // Where the boundary lies among frames left out, they come first.
        omission(in: trace, of: omitted, before: segment.numbers.lowerBound, after: &next, to: &text)
        text += boundary(label(inner.owner), label(segment.owner))
      }
      for line in lines[index] {
        omission(in: trace, of: omitted, before: line.number, after: &next, to: &text)
        write(line, layout, to: &text)
        next = line.number + 1
      }
    }
    if let last = trace.segments.last {
      omission(in: trace, of: omitted, before: last.numbers.upperBound, after: &next, to: &text)
      if let resumer { text += boundary(label(last.owner), label(resumer)) }
    }
    return text + end(of: trace)
  }

  /// The lines of a segment, those of the runtime in a row as one unless all are wanted.
  private mutating func lines(of segment: TraceSegment, in trace: Trace) -> [Line] {
    var result: [Line] = []
    var row: [Line] = []
    func end(_ row: inout [Line], _ result: inout [Line]) {
      guard row.count > 1 else {
        result += row
        row.removeAll()
        return
      }
      let first = row[0].text
      let line = FrameLine(
        name: first.name, place: "[and \(row.count - 1) more of the fiber runtime]", isDim: true, isRuntime: true)
      result.append(Line(number: row[0].number, text: line))
      row.removeAll()
    }
    for frame in trace.frames(of: segment) {
      // Frames left out are counted between lines.
      if let last = row.last, frame.number > last.number + 1 { end(&row, &result) }
      for text in frameLines(frame) {
        let line = Line(number: frame.number, text: text)
        if text.isRuntime, !detail.showsRuntime {
          row.append(line)
        } else {
          end(&row, &result)
          result.append(line)
        }
      }
    }
    end(&row, &result)
    return result
  }

  private mutating func frameLines(_ frame: TraceFrame) -> [FrameLine] {
    if let lines = known[frame.index] { return lines }
    let lines = FrameLine.lines(frame, style: style, detail: detail)
    known[frame.index] = lines
    return lines
  }

  /// The columns of `lines`. On a terminal too narrow for them, names get at most half of it.
  private func layout(of lines: some Sequence<Line>, numberWidth: Int) -> Layout {
    func layout(limit: Int) -> Layout {
      let widths = lines.lazy.map(\.text.nameWidth)
      return Layout(numberWidth: numberWidth, nameWidth: widths.filter { $0 <= limit }.max() ?? 0)
    }
    let wide = layout(limit: Self.columnLimit)
    guard let columns = style.columns else { return wide }
    let longest =
      lines.lazy.map { numberWidth + 2 + max(wide.nameWidth, $0.text.nameWidth) + 2 + $0.text.restWidth }.max() ?? 0
    return columns < longest ? layout(limit: min(Self.columnLimit, columns / 2)) : wide
  }

  private func boundary(_ inner: String, _ outer: String) -> String {
    "   " + style.bold("\(style.rule) \(inner) resumed by \(outer) \(style.rule)") + "\n"
  }

  private func omission(
    in trace: Trace, of counts: ClosedRange<Int>?, before number: Int, after next: inout Int, to text: inout String
  ) {
    // Only frames left out are missed: of a row of the runtime's own the first alone has a line.
    let missed = (next..<max(next, number)).clamped(to: trace.omitted)
    next = max(next, number)
    guard !missed.isEmpty else { return }
    let amount: String
    if let counts, counts.count > 1 {
      // Between boundaries the numbers of one of a group say nothing of the others.
      amount = missed == trace.omitted ? "\(counts.lowerBound) to \(counts.upperBound) frames" : "some frames"
    } else {
      amount = counted(missed.count, "frame")
    }
    text += style.warning("      ... \(amount) not shown (--frames)") + "\n"
  }

  private func end(of trace: Trace) -> String {
    guard let reason = trace.end.reason else { return "" }
    return style.warning("      the trace ends here: \(reason.escapedForTerminal)") + "\n"
  }

  private func write(_ line: Line, _ layout: Layout, to output: inout String) {
    let number = String(line.number)
    var text = String(repeating: " ", count: max(0, layout.numberWidth - number.utf8.count)) + number + "  "
    text += line.text.name
    if !line.text.rest.isEmpty {
      text += String(repeating: " ", count: max(0, layout.nameWidth - line.text.nameWidth)) + "  " + line.text.rest
    }
    output += line.text.isDim ? style.dim(text) : text
    output += "\n"
  }
}

extension Walk.End {
  /// Why there are no more frames, nil where none are missing.
  var reason: String? {
    switch self {
    case .outermost: nil
    case .limit: "there are more frames: the walk was given up"
    case .cycle: "a frame seen before follows: links between stacks or frame pointers form a cycle"
    case .failed(let why): why
    }
  }
}
