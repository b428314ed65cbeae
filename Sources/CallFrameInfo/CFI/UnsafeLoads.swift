extension [UInt8] {
  /// The little-endian integer at `offset`. The caller has checked that all of it is there.
  ///
  /// One unaligned load instead of a bounds check and a shift for every byte: reading records is made of this.
  @inline(__always)
  func loadLittleEndian<Value: FixedWidthInteger>(_ offset: Int, as type: Value.Type) -> Value {
    unsafe withUnsafeBytes { bytes in
      precondition(offset >= 0 && offset <= bytes.count - MemoryLayout<Value>.size)
      return Value(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: offset, as: type))
    }
  }
}
