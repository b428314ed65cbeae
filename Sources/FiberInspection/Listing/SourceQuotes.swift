internal import CallFrameInfo
internal import Glibc

/// Lines of source files, for those that are on this machine.
///
/// Paths come from the debug information: only regular files of bounded size are read.
final class SourceQuotes {
  /// In bytes; generated sources reach some megabytes.
  private static let sizeLimit: UInt64 = 16 << 20
  /// Files kept at a time.
  private static let fileLimit = 32

  private var files: [String: SourceText] = [:]

  /// The text of a line without its indentation; nil where the file is not there or has no such line.
  func text(of line: SourceLine) -> String? {
    guard let number = line.line, line.path.hasPrefix("/") else { return nil }
    let text: SourceText
    if let known = files[line.path] {
      text = known
    } else {
      if files.count == Self.fileLimit { files.removeAll() }
      text = SourceText(Self.contents(of: line.path))
      files[line.path] = text
    }
    return text.line(number)
  }

  private static func contents(of path: String) -> [UInt8] {
    guard let status = try? FileStatus(path: path), status.kind == .regular, status.size <= sizeLimit,
      let file = try? OpenFile.open(path), let opened = try? file.status(), opened.kind == .regular,
      opened.size <= sizeLimit
    else { return [] }
    return FileBytes(file, size: opened.size).bytes(at: 0, count: opened.size)
  }
}

/// A source file, taken apart into lines.
private struct SourceText {
  private let bytes: [UInt8]
  /// Where lines begin.
  private let starts: [Int]

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    starts = [0] + bytes.indices.filter { bytes[$0] == UInt8(ascii: "\n") }.map { $0 + 1 }
  }

  /// The text of a line, from 1 on.
  func line(_ number: Int) -> String? {
    guard number > 0, number <= starts.count else { return nil }
    let line = bytes[starts[number - 1]...].prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    let text = line.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
  }
}
