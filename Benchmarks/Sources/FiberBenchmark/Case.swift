/// Contenders that do the same.
struct Case {
  /// What `--case` selects.
  let name: String
  let title: String
  /// What a time is for: "a round trip".
  let unit: String
  /// The contenders that the others are compared with, by their names. One is among the contenders.
  let references: [String]
  let contenders: [Contender]

  /// All cases.
  static var all: [Case] { roundTrips + creations + backtraces }

  func contender(_ name: String) -> Contender? {
    contenders.first { $0.name == name }
  }

  /// What is measured in processes of its own, against each other: every contender with every reference.
  var pairs: [Pair] {
    references.flatMap { reference in
      contenders.filter { $0.name != reference }.map { Pair(contender: $0.name, reference: reference) }
    }
  }
}

/// Two contenders of a case, by name.
struct Pair {
  let contender: String
  let reference: String
}
