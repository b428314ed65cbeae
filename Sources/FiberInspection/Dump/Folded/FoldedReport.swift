/// A dump as folded stacks, one line for each distinct one: `outermost;...;innermost count`. flamegraph.pl, inferno and
/// speedscope read it.
///
/// Stacks that differ in pcs alone are one line. Threads go on through the fibers on them; these have lines of their own only
/// where threads are not shown. Fibers without frames have none.
public struct FoldedReport {
  private let dump: Dump
  private let detail: ReportDetail

  /// A report of `dump`.
  ///
  /// - Parameter detail: what of each frame is shown. Source lines never are.
  public init(_ dump: Dump, detail: ReportDetail = ReportDetail()) {
    self.dump = dump
    self.detail = detail
  }

  /// Writes the lines, the most frequent stack first.
  public func write(to output: inout some TextOutputStream) {
    var names = FrameNames(detail: detail)
    var counts: [String: Int] = [:]
    for group in dump.threadGroups() {
      if let trace = group.first.trace { counts[names.line(of: trace), default: 0] += group.ids.count }
    }
    for group in dump.fiberGroups() {
      guard let trace = group.first.trace, !(dump.selection.showsThreads && group.kind.isInThreadTrace) else {
        continue
      }
      counts[names.line(of: trace), default: 0] += group.count
    }
    for (line, count) in counts.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
      output.write("\(line) \(count)\n")
    }
  }
}

extension FiberState.Kind {
  /// The frames of such fibers are a part of a thread's trace.
  fileprivate var isInThreadTrace: Bool { self == .running || self == .resuming }
}

/// Names of frames as folded stacks have them, made once for each frame.
private struct FrameNames {
  let detail: ReportDetail
  private var known: [UInt32: [String]] = [:]

  init(detail: ReportDetail) { self.detail = detail }

  mutating func line(of trace: Trace) -> String {
    var names: [String] = []
    // A gap would make one stack of two halves.
    var isGapNamed = trace.omitted.isEmpty
    for frame in trace.frames {
      if !isGapNamed, frame.number >= trace.omitted.upperBound {
        names.append("[\(counted(trace.omitted.count, "frame")) not shown]")
        isGapNamed = true
      }
      names += self.names(of: frame)
    }
    if trace.isBroken { names.append("[incomplete]") }
    return names.isEmpty ? "[fiber runtime]" : names.reversed().joined(separator: ";")
  }

  /// The innermost inlined function first.
  private mutating func names(of frame: TraceFrame) -> [String] {
    if let names = known[frame.index] { return names }
    let location = frame.location
    let functions = detail.functions(of: location)
    let names: [String]
    if functions.isEmpty {
      names = [
        location.modulePath.map { "\(baseName($0))+\(hexadecimal(location.moduleOffset))" }
          ?? "[\(hexadecimal(frame.programCounter.address))]"
      ]
    } else {
      names = functions.compactMap { function in
        detail.showsRuntime || !location.isOfFiberRuntime(function) ? function.name : nil
      }
    }
    let escaped = names.map(\.escapedForFolding)
    known[frame.index] = escaped
    return escaped
  }
}

extension String {
  /// Escaped as for a terminal, and semicolons, which separate frames, as `\u{3b}`.
  var escapedForFolding: String {
    escapedForTerminal.split(separator: ";", omittingEmptySubsequences: false).joined(separator: "\\u{3b}")
  }
}
