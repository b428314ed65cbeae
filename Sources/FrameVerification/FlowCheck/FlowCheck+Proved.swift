internal import Instructions

extension FlowCheck {
  /// Addresses of the instructions of the function that was checked last whose row is proved, or is if it is entered as the rows of its
  /// `entries` say (which `PartLinks` decides), ascending. O(instructions).
  package var provedAddresses: [UInt64] {
    flow.verdicts.indices.filter { flow.verdicts[$0] == .proved || flow.verdicts[$0] == .conditional }
      .map { flow.instructions[$0].address }
  }
}
