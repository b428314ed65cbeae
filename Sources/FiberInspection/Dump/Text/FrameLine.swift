/// The line of a function at a frame, without the frame's number.
struct FrameLine {
  /// The function, or the address where none is known.
  let name: String
  /// Where it is, and how the frame was found.
  let rest: String
  /// Characters of `name`.
  let nameWidth: Int
  /// Characters of `rest`.
  let restWidth: Int
  /// It is the runtime's or the compiler's.
  let isDim: Bool
  /// It is the fiber runtime's own, and there is nothing else to say of it.
  let isRuntime: Bool

  init(name: String, place: String, mark: String = "", isDim: Bool = false, isRuntime: Bool = false) {
    self.name = name
    rest = [place, mark].filter { !$0.isEmpty }.joined(separator: "  ")
    nameWidth = name.count
    restWidth = rest.count
    self.isDim = isDim
    self.isRuntime = isRuntime
  }

  /// A line for each inlined function and one for the frame's own; a line with the address where no name is known.
  static func lines(_ frame: TraceFrame, style: TextStyle, detail: ReportDetail) -> [FrameLine] {
    let location = frame.location
    let mark =
      switch frame.found {
      case .cfi: frame.restsOnScan ? "[if the scan is right]" : ""
      case .fp: "[by frame pointer]"
      case .top: "[by the top of the stack]"
      case .scan: "[found by scan]"
      }
    let module = location.modulePath.map { "in " + baseName($0).escapedForTerminal }
    // Locations are those of the lookup address; people expect to see distances of the address itself.
    let adjustment = frame.programCounter.address &- frame.programCounter.lookup
    let functions = detail.functions(of: location)
    guard !functions.isEmpty else {
      let place = location.modulePath.map {
        "in \(baseName($0).escapedForTerminal)+\(hexadecimal(location.moduleOffset &+ adjustment))"
      }
      let address = hexadecimal(frame.programCounter.address)
      return [FrameLine(name: address, place: place ?? "in no module", mark: mark)]
    }
    return functions.map { function in
      let source = detail.showsSource ? function.source : nil
      var name = function.name.escapedForTerminal(limit: functionWidthLimit)
      if function.isInlined {
        name += " (inlined)"
      } else if source == nil, let offset = function.offset {
        name += " + \(hexadecimal(offset &+ adjustment))"
      }
      let mark = function.isInlined ? "" : mark
      let isSwitch = !function.isInlined && location.runtimeFunction != nil
      return FrameLine(
        name: name, place: source?.text(from: style.directory) ?? module ?? "", mark: mark,
        isDim: function.isOfRuntime || isSwitch, isRuntime: mark.isEmpty && location.isOfFiberRuntime(function))
    }
  }
}
