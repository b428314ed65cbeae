/// One row of the table of DWARF 5, §6.4.1: how to unwind from a range of addresses.
public struct Row: Sendable, Hashable {
  /// The instructions it holds before: never empty.
  public var addresses: Range<UInt64>
  /// How to find the CFA.
  public var cfa: CFARule
  /// How to find the caller's registers. The return address is the one that the CIE names.
  public var registers: RegisterRules
  /// Bytes of arguments pushed (`DW_CFA_GNU_args_size`), 0 where nothing says.
  public var argumentsSize: UInt64

  /// A row.
  public init(
    addresses: Range<UInt64>, cfa: CFARule = .unspecified, registers: RegisterRules = RegisterRules(),
    argumentsSize: UInt64 = 0
  ) {
    self.addresses = addresses
    self.cfa = cfa
    self.registers = registers
    self.argumentsSize = argumentsSize
  }
}
