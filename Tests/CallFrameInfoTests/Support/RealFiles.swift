import CallFrameInfo
import Foundation

/// Files of the system.
enum RealFiles {
  /// The file at `path`, as a source of bytes.
  static func source(_ path: String) throws -> ByteArray {
    ByteArray([UInt8](try Data(contentsOf: URL(filePath: path))), name: path)
  }

  /// Every `step`th ELF64 file for x86-64 of a folder that is no larger than `limit` bytes, in the order of their names; links and
  /// what is no such file are left out.
  static func sample(of folder: String, step: Int, limit: Int = 4 << 20) throws -> [String] {
    let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { "\(folder)/\($0)" }
    let regular = files.filter { path in
      guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
        attributes[.type] as? FileAttributeType == .typeRegular, let size = attributes[.size] as? Int, size <= limit,
        let handle = try? FileHandle(forReadingFrom: URL(filePath: path)), let start = try? handle.read(upToCount: 20),
        start.count == 20
      else { return false }
      // ELF, 64-bit, little-endian, a program or shared object, for x86-64.
      return start.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]) && (2...3).contains(start[16]) && start[18] == 62
    }
    return stride(from: 0, to: regular.count, by: step).map { regular[$0] }
  }

  /// The largest shared object of the system's libraries.
  static func largestLibrary() throws -> String? {
    let folder = "/usr/lib/x86_64-linux-gnu"
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.contains(".so") }
    let sizes = names.map { name -> (path: String, size: Int) in
      let attributes = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")
      let isRegular = attributes?[.type] as? FileAttributeType == .typeRegular
      return ("\(folder)/\(name)", isRegular ? attributes?[.size] as? Int ?? 0 : 0)
    }
    return sizes.max { $0.size < $1.size }?.path
  }
}
