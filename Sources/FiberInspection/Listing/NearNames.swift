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

  /// How many bytes have to be put in, left out, replaced or exchanged with the next one (Damerau and Levenshtein's distance,
  /// without touching a byte twice).
  static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...second.count)
    for line in first.indices {
      var row = [line + 1]
      for column in second.indices {
        var least = min(last[column] + (first[line] == second[column] ? 0 : 1), last[column + 1] + 1, row[column] + 1)
        if line > 0, column > 0, first[line] == second[column - 1], first[line - 1] == second[column] {
          least = min(least, beforeLast[column - 1] + 1)
        }
        row.append(least)
      }
      (beforeLast, last) = (last, row)
    }
    return last[second.count]
  }
}
