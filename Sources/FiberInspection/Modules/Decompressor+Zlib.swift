internal import CZlib
package import CallFrameInfo

extension Decompressor {
  /// Undoes the compression that linkers and objcopy apply by default, by zlib's `uncompress`.
  ///
  /// The array has the size that the section's header promises, which is at most 1,032 times that of the compressed bytes, and is
  /// written only as far as they go.
  package static let zlib = Decompressor([.zlib]) { compressed, _, size in
    var count = uLongf(size)
    var status = Z_DATA_ERROR
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
      status = unsafe compressed.withUnsafeBufferPointer { source in
        unsafe uncompress(buffer.baseAddress, &count, source.baseAddress, uLong(source.count))
      }
      initialized = status == Z_OK ? Int(count) : 0
    }
    return status == Z_OK ? bytes : nil
  }
}
