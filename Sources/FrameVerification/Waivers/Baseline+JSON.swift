package import FoundationEssentials

extension Baseline {
  /// Why bytes are no baseline.
  package struct Failure: Error, Hashable, CustomStringConvertible {
    package var description: String
  }

  private struct Document: Codable {
    var version: Int
    var entries: [Entry]
  }

  private struct Entry: Codable {
    var file: String
    var function: String?
    var section: String?
    var rule: String
    var count: Int
  }

  /// The only version of the format.
  private static let version = 1

  /// A baseline from what `json()` made.
  ///
  /// - Throws: why it is none. Entries of rules that do not exist any more are kept: they wait for an older version of this one.
  package init(json: Data) throws(Failure) {
    let document: Document
    do {
      document = try JSONDecoder().decode(Document.self, from: json)
    } catch {
      throw Failure(description: "not a baseline as --write-baseline writes them: \(Self.sentence(error))")
    }
    guard document.version == Self.version else {
      throw Failure(
        description:
          "a baseline of version \(document.version), expected \(Self.version): write it again by --write-baseline")
    }
    var counts: [Key: Int] = [:]
    for entry in document.entries {
      guard (1...Self.greatestCount).contains(entry.count) else {
        throw Failure(description: "a count of \(entry.count) (\(entry.rule) in \(entry.function ?? entry.file))")
      }
      let key = Key(file: entry.file, function: entry.function, section: entry.section, rule: entry.rule)
      counts[key] = min(counts[key, default: 0] + entry.count, Self.greatestCount)
    }
    self.init(counts)
  }

  /// The same bytes for the same findings, each on lines of its own: they are read as differences.
  ///
  /// - Throws: `EncodingError`, for no baseline.
  package func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    let entries = counts.sorted { $0.key < $1.key }.map { key, count in
      Entry(file: key.file, function: key.function, section: key.section, rule: key.rule, count: count)
    }
    return try encoder.encode(Document(version: Self.version, entries: entries)) + Data("\n".utf8)
  }

  private static func sentence(_ error: any Error) -> String {
    func place(_ context: DecodingError.Context) -> String {
      let path = context.codingPath.map { $0.intValue.map { "entry \($0 + 1)" } ?? $0.stringValue }
      return path.isEmpty ? "" : " (\(path.joined(separator: ", ")))"
    }
    return switch error as? DecodingError {
    case .keyNotFound(let key, let context): "no \(key.stringValue)\(place(context))"
    case .typeMismatch(let type, let context): "expected \(type)\(place(context))"
    case .valueNotFound(let type, let context): "expected \(type), found null\(place(context))"
    default: "no JSON"
    }
  }
}
