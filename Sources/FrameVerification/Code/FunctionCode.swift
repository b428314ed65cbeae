internal import CallFrameInfo
package import Instructions

/// The instructions of a range of addresses, one after another.
package struct FunctionCode: Sendable {
  /// What was read. The last instruction may end behind it.
  package var addresses: Range<UInt64>
  /// In the order of their addresses. Shorter than `addresses` where the file has no bytes.
  package var instructions: [Instruction]

  package init(addresses: Range<UInt64>, instructions: [Instruction]) {
    self.addresses = addresses
    self.instructions = instructions
  }

  /// The instruction that begins at `address`; nil where none does. O(log n).
  package func index(at address: UInt64) -> Int? {
    let index = instructions.firstIndexAbove(address) { $0.address } - 1
    return index >= 0 && instructions[index].address == address ? index : nil
  }
}
