/// Names that someone may have meant who wrote another.
struct NearNames {
  /// How many are proposed.
  private static let limit = 5
  /// Longer names are not compared, in bytes: nobody types them.
  private static let longest = 64

  /// The nearest first.
  let names: [String]

  /// - Parameter readable: makes a name as people write it.
  init(to name: String, in candidates: [SymbolTable.Candidate], readable: (String) -> String) {
    let wanted = Array(name.lowercased().utf8)
    guard !wanted.isEmpty, wanted.count <= Self.longest else {
      names = []
      return
    }
    let tolerance = max(1, wanted.count / 3)
    var found: [String: Int] = [:]
    for candidate in candidates {
      let bare = withoutParameters(readable(candidate.name))
      for form in Set([bare, lastComponent(bare)]) where form.utf8.count <= Self.longest {
        let other = Array(form.lowercased().utf8)
        guard abs(other.count - wanted.count) <= tolerance else { continue }
        let distance = Self.distance(wanted, other)
        guard distance <= tolerance else { continue }
        found[bare] = min(distance, found[bare] ?? .max)
      }
    }
    names = found.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.prefix(Self.limit)
      .map { $0.key.escapedForTerminal(limit: functionWidthLimit) }
  }

  /// How many bytes have to be put in, left out or replaced (Levenshtein).
  static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
    var row = Array(0...second.count)
    for (line, byte) in first.enumerated() {
      var diagonal = row[0]
      row[0] = line + 1
      for (column, other) in second.enumerated() {
        let replaced = diagonal + (byte == other ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
      }
    }
    return row[second.count]
  }
}
