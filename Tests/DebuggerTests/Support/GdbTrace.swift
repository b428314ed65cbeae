/// A frame with what `frame apply all` has printed of it.
struct GdbTracedFrame: CustomStringConvertible {
  var frame: GdbFrame
  /// The values that `info registers` prints in base 16, or why there is none.
  var registers: [String: String] = [:]
  /// What `info locals` prints.
  var locals: [String: String] = [:]

  var description: String { "\(frame) \(registers) \(locals)" }
}

extension GdbText {
  /// The traces among the lines: one for each thread, where `thread apply all` came before.
  var traces: [[GdbTracedFrame]] {
    var traces: [[GdbTracedFrame]] = []
    for line in lines {
      if let frame = GdbFrame(line) {
        if traces.isEmpty || frame.level <= traces[traces.count - 1].last?.frame.level ?? -1 { traces.append([]) }
        traces[traces.count - 1].append(GdbTracedFrame(frame: frame))
      } else if let last = traces.last?.indices.last {
        let trace = traces.count - 1
        if let match = line.wholeMatch(of: /([a-z0-9_]+) = (.*)/) {
          traces[trace][last].locals[String(match.1)] = String(match.2)
        } else if let match = line.wholeMatch(of: /(r[a-z0-9]+) +(<.*>|[^ ]+)(?: .*)?/) {
          traces[trace][last].registers[String(match.1)] = String(match.2)
        }
      }
    }
    return traces
  }
}
