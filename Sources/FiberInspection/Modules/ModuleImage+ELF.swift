package import CallFrameInfo

extension ModuleImage {
  /// Its structure; nil if it cannot be had or is no ELF file. Reads the file's headers.
  package var elf: ELFFile? {
    guard case .file(let file) = self, let source = try? FileBytes(file) else { return nil }
    return try? ELFFile(reading: source, decompress: .zlib)
  }
}
