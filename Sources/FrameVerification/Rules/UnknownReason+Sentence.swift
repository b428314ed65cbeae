extension UnknownReason {
  /// Why, in words: the end of a sentence.
  package var sentence: String {
    switch self {
    case .indirectJump: "only an indirect jump that is not resolved may lead there"
    case .unreached: "nothing that was seen leads there"
    case .follows: "an instruction that leads there is itself undecided or refuted"
    case .expression: "an expression reads what is not known there"
    case .registerValue: "the row computes from a register whose value is not followed"
    case .slot: "the row reads a save slot of which nothing is known"
    case .callReturns: "it is not known whether the call before returns"
    case .callThrows: "it is not known whether the call whose landing pad it is throws"
    case .undecodable: "the bytes are no instruction, or are not in the file"
    case .noRow: "the FDE's instructions cannot be read up to there"
    case .outermost: "the return address is declared undefined there, and the rest of the row does not fit the code"
    case .otherEntry: "jumps from other FDEs may lead there, and nothing that was seen does"
    case .otherFrame: "the row describes the frame of a context kept in memory, not the one that was entered"
    case .handOver: "no function that was seen handed over the stack pointer, or one whose frame does not fit the row"
    case .tooLarge: "the FDE is larger than what is followed"
    default: rawValue
    }
  }
}
