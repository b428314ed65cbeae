extension DumpSelection {
  /// The conditions as options, escaped: "--state not-started --id 3-9,12@runtime --name 'worker*'".
  var options: String {
    var options: [String] = []
    if !states.isEmpty {
      let words = FiberState.Kind.allCases.filter(states.contains).map(\.optionWord)
      options.append("--state \(words.joined(separator: ","))")
    }
    if !ids.isEmpty { options.append("--id \(ids.map(\.text).joined(separator: ","))") }
    options += names.map { "--name '\($0)'" }
    return options.joined(separator: " ").escapedForTerminal
  }
}

extension FiberState.Kind {
  /// As options have it: without a space.
  public var optionWord: String { rawValue.split(separator: " ").joined(separator: "-") }
}

extension FiberIDs {
  /// As people write it.
  fileprivate var text: String {
    (range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)")
      + (registry.map { "@\($0)" } ?? "")
  }
}
