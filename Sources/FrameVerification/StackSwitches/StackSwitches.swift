internal import CallFrameInfo

/// What the functions of a file hand to each other where stacks are switched.
///
/// A class, so that the check has one word of it where there are no switches, as nearly everywhere.
final class StackSwitches {
  /// Where control goes on in a frame that another function has left, and what is then known.
  struct Landing {
    /// The instruction.
    var address: UInt64
    var state: AbstractState
    /// How control or a walk gets there: ways from other FDEs, as `PartLinks` takes them.
    var ways: [Way] = []

    /// Of a frame that contradicts the row: the instruction that hands it over.
    var source: UInt64?

    /// What all ways prove together.
    var standing: AbstractState.Standing {
      ways.reduce(.proved) { Swift.max($0, $1.standing) }
    }
  }

  /// One function that hands something over.
  struct Way {
    /// Index of its FDE.
    var fde: Int
    /// The instruction that does.
    var address: UInt64
    var standing: AbstractState.Standing
    var entries: EntrySet
  }

  /// A row that what is handed over contradicts.
  struct Refutation {
    var address: UInt64
    var finding: Finding
  }

  /// Instructions that may be switches: loads of stack pointers.
  let loads: Set<UInt64>
  /// Facts are being collected, not rows judged.
  var isHarvesting = false
  /// Of the function whose facts are being collected; nil until all is known of its flow.
  var harvest: FunctionHarvest?
  /// By the address of the switch.
  var landings: [UInt64: Landing] = [:]
  /// Places that only a return or a walk leads to, by FDE.
  var returns: [Int: [Landing]] = [:]
  /// By FDE.
  var refutations: [Int: [Refutation]] = [:]

  init(loads: Set<UInt64>) { self.loads = loads }
}
