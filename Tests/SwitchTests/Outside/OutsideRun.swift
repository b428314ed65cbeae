/// What an unwinder outside the process saw of one run of a program, as `outside_gdb.py` and `outside_libdw.c` print it.
struct OutsideRun {
  /// One instruction boundary in the switch.
  struct Step {
    var function: String
    var offset: Int
    /// The program's own account of the frames on the side that switches, and on the side switched to.
    var here: String
    var there: String
    /// What the unwinder found.
    var frames: String
  }

  /// A place outside the switch, or a fiber that does not run.
  struct Observation {
    var subject: String
    var truth: String
    var frames: String
    var isFiber: Bool
  }

  /// A variable read in some frame.
  struct Variable {
    var place: String
    var function: String
    var name: String
    var truth: String
    /// A number, or what gdb says instead.
    var value: String
  }

  private(set) var steps: [Step] = []
  private(set) var observations: [Observation] = []
  private(set) var variables: [Variable] = []
  /// nil if the run did not come to its end.
  private(set) var exitStatus: Int?

  init(output: String) {
    for line in output.split(separator: "\n") {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      switch (fields[0], fields.count) {
      case ("S", 5):
        let place = fields[1].split(separator: "+")
        guard place.count == 2, let offset = Int(place[1]) else { continue }
        steps.append(
          Step(function: String(place[0]), offset: offset, here: fields[2], there: fields[3], frames: fields[4]))
      case ("O", 4), ("F", 4):
        observations.append(
          Observation(subject: fields[1], truth: fields[2], frames: fields[3], isFiber: fields[0] == "F"))
      case ("V", 6):
        variables.append(
          Variable(place: fields[1], function: fields[2], name: fields[3], truth: fields[4], value: fields[5]))
      case ("E", 2):
        exitStatus = Int(fields[1])
      default:
        continue  // what gdb or the program say besides
      }
    }
  }

  /// The boundaries stepped, as `function+offset`.
  var boundaries: Set<String> { Set(steps.map { "\($0.function)+\($0.offset)" }) }
}

/// Which frames are true at each boundary of one program's switch.
struct BoundaryTruth {
  /// Offset of the last boundary at which the switch instruction has not been executed.
  private let resumeSwitch: Int
  private let suspendSwitch: Int
  private let suspendCalledSwitch: Int
  /// Offsets of the calls from which control comes back by a switch.
  private let bodyCall: Int
  private let resumeCall: Int
  private let suspendCall: Int

  init(_ listing: SwitchListing) throws {
    // The switch takes rbp from the other side; the prologue takes it from rsp, and the exit from the frame that rbp
    // points to.
    let loadsFrame = { (text: String) in
      text.hasPrefix("mov ") && text.hasSuffix(",%rbp") && !text.contains("%rsp") && !text.contains("(%rbp)")
    }
    let calls = { (text: String) in text.hasPrefix("call ") }
    resumeSwitch = try listing.offset(in: "ft_fiber_resume", of: "the switch", matches: loadsFrame)
    suspendSwitch = try listing.offset(in: "ft_fiber_suspend", of: "the switch", matches: loadsFrame)
    suspendCalledSwitch = try listing.offset(in: "ft_fiber_suspend_called", of: "the switch", matches: loadsFrame)
    bodyCall = try listing.offset(in: "ft_fiber_start", of: "the call of the body") { calls($0) && $0.contains("*") }
    resumeCall = try listing.offset(in: "ft_fiber_resume_c", of: "the call of the switch", matches: calls)
    // It pushes a return address and jumps.
    let enters = { (text: String) in text.hasPrefix("jmp ") }
    suspendCall = try listing.offset(in: "ft_fiber_suspend_c", of: "the jump to the switch", matches: enters)
  }

  /// The frames a walk has to find at `step`, innermost first.
  ///
  /// The program spells out both sides of a switch before it; what stands in front of them follows from the pc alone.
  func frames(at step: OutsideRun.Step) -> String {
    let isHere =
      switch step.function {
      case "ft_fiber_resume": step.offset <= resumeSwitch
      case "ft_fiber_suspend": step.offset <= suspendSwitch
      case "ft_fiber_suspend_called": step.offset <= suspendCalledSwitch
      case "ft_suspend": step.offset != SwitchListing.inlined.last
      // Before its call of the body it is what was switched to, and after it what switches back.
      case "ft_fiber_start": step.offset > bodyCall
      case "ft_fiber_resume_c": step.offset <= resumeCall
      case "ft_fiber_suspend_c": step.offset <= suspendCall
      default: true
      }
    let side = isHere ? step.here : step.there
    switch step.function {
    case "ft_fiber_start", "ft_fiber_resume_c", "ft_fiber_suspend_c", "ft_suspend":
      return side  // the program counts these, or the function that they are inlined into, among its own
    default:
      return "\(step.function),\(side)"
    }
  }
}
