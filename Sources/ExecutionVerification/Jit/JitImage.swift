internal import CallFrameInfo
internal import FiberInspection

/// The call frame information of an ELF image that a program shows to debuggers.
///
/// Such images are mostly relocatable files whose section headers say where the compiler has loaded them. Their own bytes are as
/// the compiler wrote them, so relocations are applied here, as gdb does.
struct JitImage {
  /// By addresses of the process.
  let sections: [CallFrameSection]

  /// - Parameter limit: the size of the largest image that is read, in bytes.
  /// - Throws: what is wrong with the image.
  init(of entry: JitDescriptor.Entry, limit: Int, memory: any MemoryReader) throws(ELFError) {
    let name = "JIT image at \(hexadecimal(entry.imageAddress))"
    guard entry.imageSize <= UInt64(limit) else {
      throw ELFError(
        .unsupported, source: name, offset: 0, "\(entry.imageSize) bytes, of which at most \(limit) are read")
    }
    let bytes = memory.knownBytes(at: entry.imageAddress, count: entry.imageSize)
    let file = try ELFFile(reading: ByteArray(bytes, name: name), decompress: .zlib, isPlaced: true)
    var problems: [ELFError] = []
    sections = CallFrameTable.sections(of: file, problems: &problems)
    // A field without its value would give rows to other code.
    if let problem = problems.first { throw problem }
  }
}
