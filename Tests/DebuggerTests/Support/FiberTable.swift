/// What `info fibers` has printed.
struct FiberTable {
  /// A row, by the words above the columns.
  struct Row: CustomStringConvertible {
    /// "*" stands before it.
    var isSelected: Bool
    fileprivate var cells: [String: String]

    subscript(column: String) -> String { cells[column] ?? "" }

    var description: String {
      cells.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
    }
  }

  static let columns = ["Id", "Name", "State", "Thread", "Stack", "Resumed", "Waiting", "Frame"]

  let rows: [Row]
  /// "6 fibers: ..."; empty if there is none.
  let total: String

  /// - Parameter text: with ASCII alone in its rows, so that columns are bytes.
  init(_ text: GdbText) {
    guard let start = text.lines.firstIndex(where: { $0.contains(" Id ") && $0.hasSuffix("Frame") }) else {
      rows = []
      total = text.lines.last ?? ""
      return
    }
    let header = text.lines[start]
    let places = Self.columns.map { column in
      header.firstRange(of: column).map { header.distance(from: header.startIndex, to: $0.lowerBound) } ?? 0
    }
    let lines = text.lines[(start + 1)...]
    let end = lines.firstIndex { $0.contains(" fibers: ") || $0.contains(" fiber: ") } ?? lines.endIndex
    total = end < lines.endIndex ? lines[end] : ""
    rows = lines[..<end].map { line in
      let characters = Array(line)
      func cell(_ number: Int) -> String {
        let first = min(places[number], characters.count)
        let last = number + 1 < places.count ? min(places[number + 1], characters.count) : characters.count
        return String(characters[first..<last]).trimmed
      }
      let cells = zip(Self.columns, Self.columns.indices.map(cell))
      return Row(isSelected: line.hasPrefix("*"), cells: Dictionary(uniqueKeysWithValues: cells))
    }
  }

  subscript(id: String) -> Row? { rows.first { $0["Id"] == id } }

  func column(_ name: String) -> [String] { rows.map { $0[name] } }
}

extension String {
  fileprivate var trimmed: String {
    let words = drop { $0 == " " }
    return String(words.prefix(words.count - words.reversed().prefix { $0 == " " }.count))
  }
}
