internal import Glibc

/// Which functions are judged.
struct Focus {
  private let functions: [String]
  private let excluding: [String]

  init(functions: [String], excluding: [String]) {
    self.functions = functions
    self.excluding = excluding
  }

  /// No function is named.
  var isEverything: Bool { functions.isEmpty }

  /// Whether a function of these names is judged. Code without a name is, unless functions are named.
  func judges(_ names: [String]) -> Bool {
    (functions.isEmpty || functions.contains { Self.fits($0, names) }) && !excluding.contains { Self.fits($0, names) }
  }

  /// The names that fit no function of these.
  func missing(among functions: [[String]]) -> [String] {
    self.functions.filter { pattern in !functions.contains { Self.fits(pattern, $0) } }
  }

  private static func fits(_ pattern: String, _ names: [String]) -> Bool {
    names.contains { unsafe $0 == pattern || fnmatch(pattern, $0, 0) == 0 }
  }
}
