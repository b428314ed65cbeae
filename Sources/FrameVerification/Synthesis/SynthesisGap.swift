/// Why there is no row before an instruction.
package enum SynthesisGap: Sendable, Hashable {
  /// No way that can be followed leads there.
  case unreached
  /// No register and no word is known to lead to the CFA.
  case frameAddress
  /// No register and no word is known to have the return address.
  case returnAddress

  /// In words, what goes behind "not derived: ".
  package var sentence: String {
    switch self {
    case .unreached: "no way that can be followed leads here"
    case .frameAddress: "no register and no word of the frame leads to the CFA for certain"
    case .returnAddress: "no register and no word of the frame has the return address for certain"
    }
  }
}
