import Foundation
import FrameVerification
import TestSupport
import Testing

/// The source of our own switch, as it is or with a defect.
struct SwitchSource {
  static let path = "\(Package.root)/Sources/CFiberAsm/fiber_x86_64.S"

  private(set) var lines: [String]

  init() throws {
    lines = try String(contentsOfFile: Self.path, encoding: .utf8).components(separatedBy: "\n")
  }

  /// Puts other text for a line that occurs in it, once.
  func replacing(_ text: String, with replacement: String) throws -> SwitchSource {
    let places = lines.indices.filter { lines[$0].contains(text) }
    let place = try #require(places.first, "\(text) is in no line")
    #expect(places.count == 1, "\(text) is in \(places.count) lines")
    var result = self
    result.lines[place] = lines[place].replacing(text, with: replacement)
    return result
  }

  /// Numbers, from 0 on, of lines with a directive for call frame information that is assembled without sanitizers.
  var directives: [Int] {
    var isSanitized = false
    return lines.indices.filter { index in
      if lines[index].hasPrefix("#ifdef FT_SANITIZED") { isSanitized = true }
      if lines[index].hasPrefix("#endif") { isSanitized = false }
      return !isSanitized && lines[index].trimmingCharacters(in: .whitespaces).hasPrefix(".cfi_")
    }
  }

  /// The line of that number without its comment.
  func directive(_ index: Int) -> String {
    let line = lines[index]
    let end = line.range(of: "/*")?.lowerBound ?? line.endIndex
    return line[..<end].split(separator: " ").joined(separator: " ")
  }

  /// Without a line.
  func dropping(_ index: Int) -> SwitchSource {
    var result = self
    result.lines[index] = ""
    return result
  }

  /// What the flow check says of it; nil if it is not assembled.
  func checked(_ options: [String] = []) throws -> Checked? {
    let directory = try TemporaryDirectory()
    let source = try directory.write(lines.joined(separator: "\n"), to: "switch.S")
    let object = directory.file("switch.o")
    let headers = "\(Package.root)/Sources/CFiberAsm"
    let result = try run(
      "/usr/bin/gcc", options + ["-I", headers, "-I", "\(headers)/include", "-c", source, "-o", object])
    guard result.succeeded else { return nil }
    return try Checked([UInt8](try Data(contentsOf: URL(filePath: object))), name: object)
  }
}

extension Checked {
  /// What is open or wrong, for messages.
  var report: String {
    "\(proved) of \(instructions) proved, \(refuted) refuted, \(verdicts.map(\.unknown)) \(findings.map(\.explanation))"
  }
}
