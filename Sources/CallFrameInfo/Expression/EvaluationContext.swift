/// What expressions read: registers and memory of the frame that is unwound.
public protocol EvaluationContext {
  /// The value of a register by its DWARF number, nil where it is not known.
  func register(_ number: UInt16) -> UInt64?
  /// The unsigned little-endian number of `size` bytes (1 to 8) at `address`, nil where it cannot be read.
  func memory(at address: UInt64, size: Int) -> UInt64?
  /// The CFA for `DW_OP_call_frame_cfa`, nil while it is being computed.
  var cfa: UInt64? { get }
}
