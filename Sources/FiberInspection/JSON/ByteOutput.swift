/// Takes the bytes of a report.
public protocol ByteOutput {
  /// Takes `bytes` after those before. Faults show when the output is finished, in its own way.
  mutating func write(_ bytes: [UInt8])
}
