internal import FoundationEssentials

/// One JSON value as text, encoded once and spliced as often as it is needed.
public struct JSONFragment: Sendable, Hashable {
  /// UTF-8 without line breaks.
  public let bytes: [UInt8]

  /// The value with its keys in order; slashes stay as they are, and so does every character that shows as itself.
  ///
  /// - Throws: `EncodingError` where the value has no JSON form: a number that is not finite.
  public init(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    self = try JSONFragment(value, by: encoder)
  }

  /// A value that is JSON already: without line breaks and unprintable characters.
  init(json: [UInt8]) { bytes = json }

  /// The value by an encoder that is used again.
  init(_ value: some Encodable, by encoder: JSONEncoder) throws {
    let encoded = try encoder.encode(value)
    bytes = withUnprintableEscaped([UInt8](encoded))
  }
}

/// JSON text with every character escaped that would not show as itself: beyond those that JSON itself forbids, DEL, the
/// controls above ASCII, which drive terminals, and format characters, which reorder or hide text. It parses to the same value:
/// outside of its strings JSON has none of them.
private func withUnprintableEscaped(_ bytes: [UInt8]) -> [UInt8] {
  guard bytes.contains(where: { $0 >= 0x7f }) else { return bytes }
  var result: [UInt8] = []
  result.reserveCapacity(bytes.count + 16)
  for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
    guard scalar.isUnprintable else {
      result.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      continue
    }
    for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
      let digits = String(unit, radix: 16)
      result.append(contentsOf: "\\u\(String(repeating: "0", count: 4 - digits.utf8.count))\(digits)".utf8)
    }
  }
  return result
}
