/// What the command line asks for.
struct Options {
  /// Passers in the ring, 1 or more.
  var fibers = 5
  /// How often the token goes round, 1 or more.
  var rounds = 3
  /// Stand still when the token has come to `pausingFiber` in the last round.
  var pauses = false
  /// Print the usage, and do nothing else.
  var showsUsage = false

  static let usage = "usage: ring [--fibers N] [--rounds N] [--pause]"

  /// The passer in the middle of the ring: with one round, those after it have not started.
  var pausingFiber: Int { fibers - fibers / 2 }

  /// Reads the arguments after the program's name.
  init(_ arguments: some Sequence<String>) throws(UsageError) {
    var iterator = arguments.makeIterator()
    while let argument = iterator.next() {
      switch argument {
      case "--fibers": fibers = try Options.count(after: argument, iterator.next())
      case "--rounds": rounds = try Options.count(after: argument, iterator.next())
      case "--pause": pauses = true
      case "--help", "-h": showsUsage = true
      default: throw UsageError(message: "unknown argument '\(argument)'")
      }
    }
  }

  private static func count(after option: String, _ text: String?) throws(UsageError) -> Int {
    guard let text else { throw UsageError(message: "\(option) needs a number") }
    guard let value = Int(text), value >= 1 else {
      throw UsageError(message: "\(option) needs a number of 1 or more, not '\(text)'")
    }
    return value
  }
}

/// The command line is wrong.
struct UsageError: Error {
  /// One line that says how.
  var message: String
}
