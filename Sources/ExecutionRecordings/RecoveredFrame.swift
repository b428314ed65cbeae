/// What is recovered of a caller at one moment, each nil where it is declared lost, or lies where nothing is known.
package struct RecoveredFrame: Sendable, Hashable {
  package var cfa: UInt64?
  package var returnAddress: UInt64?
  /// In the order of `RowMeaning.registers`.
  package var registers: [UInt64?]

  /// Nothing is recovered.
  package init() { registers = RowMeaning.registers.map { _ in nil } }

  /// What is true of a call. nil stands for registers that it did not preserve: nobody can be held to them.
  package init(of activation: Activation) {
    cfa = activation.cfa
    returnAddress = activation.returnAddress
    registers = RowMeaning.registers.map { number in
      if number == 7 { return activation.cfa }
      return activation.recoverable >> number & 1 == 0 ? nil : activation.entry[Int(number)]
    }
  }

  /// The first value that differs from another frame's, with both.
  ///
  /// - Parameter recoverable: registers whose value matters besides rsp, bit n for DWARF number n.
  package func difference(from other: RecoveredFrame, recoverable: UInt16) -> String? {
    func text(_ value: UInt64?) -> String { value.map { "0x\(String($0, radix: 16))" } ?? "lost" }
    if cfa != other.cfa { return "CFA \(text(cfa)) for \(text(other.cfa))" }
    if returnAddress != other.returnAddress {
      return "return address \(text(returnAddress)) for \(text(other.returnAddress))"
    }
    for (index, register) in RowMeaning.registers.enumerated()
    where registers[index] != other.registers[index] && (register == 7 || recoverable >> register & 1 != 0) {
      return "register \(register) \(text(registers[index])) for \(text(other.registers[index]))"
    }
    return nil
  }
}
