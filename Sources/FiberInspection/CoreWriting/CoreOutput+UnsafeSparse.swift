extension CoreOutput {
  /// Writes the runs of 4 KiB in `bytes` that are not all zeros; the others stay holes.
  func writeSparsely(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(InspectionError) {
    let page = 4096
    var start = 0
    var position = 0
    while position < bytes.count {
      let end = min(position + page, bytes.count)
      if unsafe Self.isZero(UnsafeRawBufferPointer(rebasing: bytes[position..<end])) {
        if start < position {
          unsafe try write(UnsafeRawBufferPointer(rebasing: bytes[start..<position]), at: offset + UInt64(start))
        }
        start = end
      }
      position = end
    }
    if start < bytes.count {
      unsafe try write(UnsafeRawBufferPointer(rebasing: bytes[start...]), at: offset + UInt64(start))
    }
  }

  private static func isZero(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var position = 0
    while position + 32 <= bytes.count {
      let words = unsafe bytes.loadUnaligned(fromByteOffset: position, as: SIMD4<UInt64>.self)
      if words != .zero { return false }
      position += 32
    }
    return unsafe UnsafeRawBufferPointer(rebasing: bytes[position...]).allSatisfy { $0 == 0 }
  }

  /// The same for an array.
  func writeSparsely(_ bytes: [UInt8], at offset: UInt64) throws(InspectionError) {
    let result = unsafe bytes.withUnsafeBytes { bytes in
      Result { () throws(InspectionError) in unsafe try writeSparsely(bytes, at: offset) }
    }
    try result.get()
  }
}
