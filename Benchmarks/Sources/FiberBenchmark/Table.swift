/// Rows of words in columns: the first to the left, the others to the right.
struct Table {
  let title: String
  let rows: [[String]]

  /// The times of a case and their ratios.
  init(_ result: CaseResult) {
    title = "\(result.title) (--case \(result.name))"
    let header =
      ["", "ns \(result.unit)", "processes", "slices"] + result.references.flatMap { ["of \($0)", "processes"] }
    rows =
      [header]
      + result.contenders.map { contender in
        [contender.name, decimal(contender.time.median), contender.time.range, contender.quartiles.range]
          + contender.ratios.flatMap { [decimal($0.ratio.median), $0.ratio.range] }
      }
  }

  /// What has been counted.
  init(_ result: CallResult) {
    title = "\(result.title) (--case \(result.name))"
    rows =
      [["", result.operation, "allocations and frees", "locks", "system calls"]]
      + result.contenders.map { contender in
        let names = contender.systemCalls.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
          .map { "\($0.value) \($0.key)" }
        return [
          contender.name, String(contender.operations), String(contender.allocations), String(contender.locks),
          names.isEmpty ? "0" : names.joined(separator: ", "),
        ]
      }
  }

  var text: String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    let lines = rows.map { row in
      row.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        return column == 0 ? row[column] + padding : padding + row[column]
      }.joined(separator: "  ")
    }
    return "\(title)\n" + lines.joined(separator: "\n")
  }
}

extension Spread {
  /// "4.29–5.47"
  fileprivate var range: String { "\(decimal(least))–\(decimal(most))" }
}

extension Quartiles {
  fileprivate var range: String { "\(decimal(lower))–\(decimal(upper))" }
}

/// Two decimals below 10, one below 100, else none.
func decimal(_ value: Double) -> String {
  let hundredths = Int((value * 100).rounded())
  if hundredths < 1_000 {
    return "\(hundredths / 100).\(hundredths % 100 / 10)\(hundredths % 10)"
  }
  let tenths = Int((value * 10).rounded())
  return tenths < 1_000 ? "\(tenths / 10).\(tenths % 10)" : String(Int(value.rounded()))
}
