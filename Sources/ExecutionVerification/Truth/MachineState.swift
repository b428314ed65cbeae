/// The general registers and the pc of a thread between two instructions, by DWARF number (psABI, figure 3.36): 7 is rsp, 16 the pc.
package struct MachineState: Sendable {
  /// By DWARF number.
  package var values: InlineArray<17, UInt64>

  /// - Parameter values: by DWARF number.
  package init(_ values: InlineArray<17, UInt64>) { self.values = values }

  /// The register of this number, 0 to 16.
  package subscript(number: Int) -> UInt64 {
    @inline(__always) get { values[number] }
    @inline(__always) set { values[number] = newValue }
  }

  /// The address of the instruction that comes next.
  package var pc: UInt64 { values[16] }
  /// rsp.
  package var sp: UInt64 { values[7] }
}
