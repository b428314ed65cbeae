import CallFrameInfo
import Foundation
import FrameVerification
import TestSupport
import Testing

@Suite struct RealFileTests {
  /// What is not read: a debug build takes long for more.
  private static let mostBytes = 8 << 20

  /// ELF64 programs and shared objects for x86-64 in a folder: every `step`th in the order of names.
  private static func files(of folder: String, step: Int) throws -> [(path: String, bytes: [UInt8])] {
    let paths = try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { "\(folder)/\($0)" }
    let regular = paths.filter { path in
      let attributes = try? FileManager.default.attributesOfItem(atPath: path)
      return attributes?[.type] as? FileAttributeType == .typeRegular && attributes?[.size] as? Int ?? .max < mostBytes
    }
    return stride(from: 0, to: regular.count, by: step).compactMap { index in
      guard let data = FileManager.default.contents(atPath: regular[index]), data.count > 64 else { return nil }
      let bytes = [UInt8](data)
      let isELF = bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]) && (2...3).contains(bytes[16]) && bytes[18] == 62
      return isELF ? (regular[index], bytes) : nil
    }
  }

  /// Defects of others' hand-written assembly, each looked at: a `DW_CFA_def_cfa_register` where an expression is in force, in
  /// two functions of libgcrypt that realign their stack. libdw refuses these rows.
  private static let known = ["libgcrypt.so": ["cfa-misplaced", "cfa-misplaced"]]

  @Test(arguments: [("/usr/bin", 12), ("/usr/lib/x86_64-linux-gnu", 15)])
  func `files of the system have no errors but those that are known`(_ folder: String, _ step: Int) throws {
    var count = 0
    for (path, bytes) in try Self.files(of: folder, step: step) {
      let errors = try Linted(bytes, name: path).findings.filter { $0.severity == .error }
      let known = Self.known.first { path.contains($0.key) }?.value ?? []
      #expect(errors.map(\.rule.id) == known, "\(path): \(errors.map(\.line))")
      count += 1
    }
    #expect(count > 20)
  }

  @Test(arguments: ["libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1", "libcrypto.so.3", "libgcrypt.so.20"])
  func `a library of the system has no errors but those that are known`(_ name: String) throws {
    let path = "/usr/lib/x86_64-linux-gnu/\(name)"
    // Not every system has the last two.
    guard let data = FileManager.default.contents(atPath: path) else {
      try #require(name.hasPrefix("libcrypto") || name.hasPrefix("libgcrypt"), "\(path) is not there")
      return
    }
    let linted = try Linted([UInt8](data), name: path)
    let errors = linted.findings.filter { $0.severity == .error }
    #expect(errors.map(\.rule.id) == Self.known.first { path.contains($0.key) }?.value ?? [], "\(errors.map(\.line))")
    #expect(linted.table.fdes.count > 40)
  }
}
