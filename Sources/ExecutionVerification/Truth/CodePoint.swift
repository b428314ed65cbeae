internal import FiberInspection
internal import Instructions

/// What is known of one address of code, looked up once.
struct CodePoint {
  /// What stands there.
  var instruction: Instruction
  /// The row in force before it.
  var step = Step()
  /// Of rows that are evaluated.
  var found: FoundRow?
  /// What is wrong with a row that cannot be read.
  var fault: String?
  /// Index in `CodeMap.modules`, -1 if it is in none.
  var module: Int
  /// The address less the module's bias.
  var fileAddress: UInt64
  /// The code of its FDE, in the process; empty without one.
  var function: Range<UInt64>
  /// The first row of its FDE is that of a function that was called: CFA = rsp + 8, the return address at CFA - 8.
  var isCalled = false
  /// A function begins here that programs call to tell of code they made, or to take that back.
  var jitCall: JitInterface.Call?
  /// `JitFrames.version` when its row was looked up.
  var jitVersion = 0
  /// How often its row was held against the truth and fits.
  var seen = 0
  /// How often it was executed.
  var visits = 0
  /// Why it was not judged the last time that it was not.
  var unjudged: StepReport.Unjudged?

  /// Whether it is the first of its FDE.
  var isEntry: Bool { !function.isEmpty && function.lowerBound == instruction.address }

  /// rsp changes, if at all, as the frame of one function grows and shrinks: by what is pushed, popped and subtracted.
  var isOrdinary = true

  static func isOrdinary(_ instruction: Instruction) -> Bool {
    switch instruction.effect {
    case .push, .pushShort, .popElsewhere, .popShort, .leave, .enter, .nothing: return true
    case .pop(let register): return register != .rsp
    case .sum(let target, let source, _): return target != .rsp || source == .rsp
    case .align: return true
    case .other: return instruction.flow != .next || !instruction.changes.contains(.rsp)
    default: return !instruction.changes.contains(.rsp)
    }
  }
}
