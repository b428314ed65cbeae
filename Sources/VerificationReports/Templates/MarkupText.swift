internal import Mustache

/// Text as XML and HTML, in elements and in quoted attributes.
///
/// Mustache's own type looks for whole characters, and a quotation mark with a combining mark behind it is another character: names
/// of a hostile file could end an attribute. This one looks at scalars, as parsers do.
struct MarkupText: MustacheContentType {
  private static let name = "MARKUP"

  /// The template that `markup` is the source of, with all its values escaped so but those in three braces.
  ///
  /// - Throws: what Mustache does for a source that is no template.
  static func template(_ markup: String) throws -> MustacheTemplate {
    // Parsing looks the type up by its name. Registering it again changes nothing.
    MustacheContentTypes.register(Self(), named: name)
    return try MustacheTemplate(string: "{{% CONTENT_TYPE: \(name)}}" + markup)
  }

  /// O(length of `text`).
  func escapeText(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case _ where !scalar.isXMLCharacter: result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension Unicode.Scalar {
  /// A document may have it, as itself or as a reference (XML 1.0, production 2, `Char`). Surrogates are no scalars.
  fileprivate var isXMLCharacter: Bool {
    value >= 0x20 ? value != 0xfffe && value != 0xffff : value == 0x9 || value == 0xa || value == 0xd
  }
}
