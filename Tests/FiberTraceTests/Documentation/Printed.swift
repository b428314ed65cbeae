/// Lines that an example prints.
private final class Printout: Sendable {
  @TaskLocal static var current: Printout?
  let lines = Locked<[String]>([])
}

/// What `body` prints, line by line.
func printed(_ body: () throws -> Void) rethrows -> [String] {
  let printout = Printout()
  try Printout.$current.withValue(printout) { try body() }
  return printout.lines.withLock { $0 }
}

/// In these tests in place of Swift's, so that examples print as they do elsewhere.
func print(_ items: Any...) {
  let line = items.map { "\($0)" }.joined(separator: " ")
  Printout.current?.lines.withLock { $0.append(line) }
}
