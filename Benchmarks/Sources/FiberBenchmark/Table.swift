/// A case as lines of text, in columns.
struct Table {
  let result: CaseResult

  var text: String {
    let header =
      ["", "ns \(result.unit)", "from", "to", "quartiles"]
      + result.references.flatMap { ["of \($0)", "from", "to"] }
    let rows = result.contenders.map { contender in
      [contender.name] + spread(contender.time) + [contender.quartiles.map(number).joined(separator: " ")]
        + contender.ratios.flatMap { spread($0.ratio) }
    }
    let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
    let lines = ([header] + rows).map { row in
      row.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        return column == 0 ? row[column] + padding : padding + row[column]
      }.joined(separator: "  ")
    }
    return "\(result.title) (--case \(result.name))\n" + lines.joined(separator: "\n")
  }

  private func spread(_ spread: Spread) -> [String] {
    [spread.median, spread.least, spread.most].map(number)
  }
}

/// Two decimals, or none from 100 on.
func number(_ value: Double) -> String {
  if value >= 100 { return String(Int(value.rounded())) }
  let hundredths = Int((value * 100).rounded())
  let fraction = hundredths % 100
  return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
}
