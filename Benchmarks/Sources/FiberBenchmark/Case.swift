/// Contenders that do the same.
struct Case {
  /// What `--case` selects.
  let name: String
  let title: String
  /// What a time is for: "a round trip".
  let unit: String
  /// The contenders that the others are compared with, by their names.
  let references: [String]
  let contenders: [Contender]

  /// All cases.
  static var all: [Case] { roundTrips + creations + backtraces }

  /// The case of that name.
  static func named(_ name: String) -> Case? {
    all.first { $0.name == name }
  }

  /// The contender of that name.
  func contender(_ name: String) -> Contender? {
    contenders.first { $0.name == name }
  }

  /// What is measured in processes of its own, against each other: every contender with every reference.
  ///
  /// Two and not all in a process, since a switch ends in an indirect jump, and one that goes to many places is predicted
  /// more slowly: a round trip took 4.4 ns instead of 3.5 where the same switch served three loops. In one process the
  /// contenders that share a switch would measure each other.
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
