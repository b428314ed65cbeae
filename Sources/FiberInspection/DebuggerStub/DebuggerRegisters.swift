/// How gdb is told of a thread's general registers: for those that serve it without a snapshot.
package struct DebuggerRegisters {
  private let description = TargetDescription(hasAVX: false)

  package init() {}

  /// The document `target.xml`.
  package var document: [UInt8] { Array(description.xml.utf8) }

  /// The answer to `g`: what `registers` do not have is not known.
  package func packet(_ registers: Registers) -> [UInt8] {
    RegisterImage(registers, notes: nil, host: nil).packet(description.registers)
  }

  /// The answer to `p`; nil if there is no register of this number.
  package func packet(_ registers: Registers, number: UInt64) -> [UInt8]? {
    guard number < UInt64(description.registers.count) else { return nil }
    return RegisterImage(registers, notes: nil, host: nil).text(of: description.registers[Int(number)])
  }
}
