internal import Foundation
import CallFrameInfo

/// A file of the system or of a test, in memory.
enum RealFile {
  static func elf(_ path: String) throws -> ELFFile {
    try ELFFile(reading: ByteArray([UInt8](Data(contentsOf: URL(filePath: path))), name: path))
  }
}
