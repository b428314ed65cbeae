import Foundation
import FoundationXML
import FrameVerification
import Testing
import VerificationReports

/// Names come from files that nobody trusts.
@Suite struct HostileNameTests {
  @Test(arguments: ReportFormat.allCases, HostileName.allCases)
  func `no control or format character of a name drives a reader`(_ format: ReportFormat, _ name: HostileName) throws {
    let text = try written(.hostile(name.rawValue), as: format)
    // JSON's own escapes stand for control characters in its data; format characters are data there.
    let categories = Set(text.unicodeScalars.filter { $0 != "\n" }.map(\.properties.generalCategory))
    #expect(!categories.contains(.control) || format == .json || format == .sarif)
    #expect(!categories.contains(.format) || format == .json || format == .sarif)
    #expect(!text.utf8.contains { $0 < 0x20 && $0 != 0xa })
  }

  @Test(arguments: HostileName.allCases)
  func `a name is no markup`(_ name: HostileName) throws {
    for format in [ReportFormat.html, .junit] {
      let plain = try Markup(written(.hostile("name"), as: format))
      let hostile = try Markup(written(.hostile(name.rawValue), as: format))
      #expect(hostile.structure == plain.structure)
    }
  }

  @Test(arguments: HostileName.allCases)
  func `JUnit is XML that says what the report says`(_ name: HostileName) throws {
    let document = try XMLDocument(data: Data(written(.hostile(name.rawValue), as: .junit).utf8))
    let skipped = try document.nodes(forXPath: "//skipped/@message").compactMap(\.stringValue)
    #expect(skipped.count == 3)
    let cases = try document.nodes(forXPath: "//testcase/@name").compactMap(\.stringValue)
    #expect(cases.count == 7)
    if name == .combinedQuote || name == .quote { #expect(cases.first?.contains(name.rawValue) == true) }
  }

  @Test(arguments: HostileName.allCases)
  func `JSON keeps names as they are`(_ name: HostileName) throws {
    let finding = try #require(try firstFinding(.hostile(name.rawValue)))
    for key in ["function", "symbol", "section"] {
      #expect((finding[key] as? String)?.unicodeScalars.elementsEqual(name.rawValue.unicodeScalars) == true)
    }
  }

  @Test(arguments: HostileName.allCases)
  func `SARIF's URIs have only characters of URIs`(_ name: HostileName) throws {
    let text = try written(.hostile(name.rawValue), as: .sarif)
    let uris = text.matches(of: /"uri":"([^"]*)"/).map(\.1)
    #expect(uris.count == 7)
    for uri in uris { #expect(uri.wholeMatch(of: /[-A-Za-z0-9._~\/+:%]+/) != nil) }
  }

  private func firstFinding(_ report: Report) throws -> [String: Any]? {
    let document = try JSONSerialization.jsonObject(with: Data(written(report, as: .json).utf8)) as? [String: Any]
    return ((document?["files"] as? [[String: Any]])?.first?["findings"] as? [[String: Any]])?.first
  }
}

/// Elements and attributes of a document, as a parser finds them that goes by bytes.
private struct Markup {
  /// Each tag with the names of its attributes.
  private(set) var structure: [[String]] = []

  init(_ text: String) throws {
    var bytes = Array(text.utf8)[...]
    while let start = bytes.firstIndex(of: UInt8(ascii: "<")) {
      bytes = bytes[(start + 1)...]
      var parts: [String] = []
      var part = ""
      var quote: UInt8?
      while let byte = bytes.popFirst() {
        if let open = quote {
          if byte == open { quote = nil }
        } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
          quote = byte
        } else if byte == UInt8(ascii: ">") {
          break
        } else if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") {
          parts.append(part)
          part = ""
        } else {
          part.append(Character(Unicode.Scalar(byte)))
        }
      }
      structure.append(parts + [part])
    }
  }
}
