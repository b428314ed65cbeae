extension Collection where Element == UInt8, Index == Int {
  /// The little-endian integer that starts `offset` bytes after the first, nil where not all of its bytes are there. O(1).
  ///
  /// Inlinable: readers of tables call it for every field. Not specialized it doubled the stop of a process of 10,000 fibers.
  @inlinable
  public func littleEndian<Value: FixedWidthInteger>(_ offset: Int, as type: Value.Type = Value.self) -> Value? {
    let size = Value.bitWidth / 8
    guard offset >= 0, count >= size, offset <= count - size else { return nil }
    var value: Value = 0
    for index in 0..<size {
      value |= Value(truncatingIfNeeded: self[startIndex + offset + index]) << (8 * index)
    }
    return value
  }
}
