internal import FiberTrace
internal import Glibc

/// What all fibers are doing, as the program itself knows it.
///
/// One JSON object: `process`, its pid; `fibers`, one a line, by ascending `id`, each with `name` and `waiting` (if it has them),
/// `state` ("suspended", "not started", "finished") and `functions`, innermost first: the sample's own functions that it is
/// in, by the names that a dump gives them. In a dump they follow one another, apart from inlined functions, which are no frames. Last
/// `summary`.
struct Truth {
  private let harbour: Harbour

  init(_ harbour: Harbour) {
    self.harbour = harbour
  }

  /// Writes it to standard output, piece by piece.
  func write() {
    var text = "{\"process\":\(getpid()),\"fibers\":[\n"
    for (index, berth) in harbour.berths.enumerated() {
      text += line(berth) + (index + 1 < harbour.berths.count ? ",\n" : "\n")
      if text.utf8.count > 1 << 16 {
        writeAll(Array(text.utf8), to: STDOUT_FILENO)
        text = ""
      }
    }
    writeAll(Array("\(text)],\n\"summary\":\(summary)}\n".utf8), to: STDOUT_FILENO)
  }

  private func line(_ berth: Harbour.Berth) -> String {
    let fiber = berth.fiber
    var fields = ["\"id\":\(fiber.id)"]
    // No name has a character that JSON would have to escape.
    if let name = fiber.name { fields.append("\"name\":\"\(name)\"") }
    fields.append("\"state\":\"\(Truth.word(fiber.state))\"")
    if fiber.state == .suspended, let reason = berth.ship.reason { fields.append("\"waiting\":\"\(reason)\"") }
    let functions = berth.ship.path.reversed().map { "\"\($0)\"" }.joined(separator: ",")
    fields.append("\"functions\":[\(functions)]")
    return "{\(fields.joined(separator: ","))}"
  }

  private var summary: String {
    let suspended = harbour.berths.filter { $0.fiber.state == .suspended }
    let frames = suspended.reduce(0) { $0 + $1.ship.path.count }
    let bytes = suspended.reduce(0) { $0 + $1.ship.span }
    func mean(_ sum: Int) -> String {
      suspended.isEmpty ? "0" : String((Double(sum) * 100 / Double(suspended.count)).rounded() / 100)
    }
    let innermost = Set(suspended.compactMap(\.ship.path.last)).count
    return "{\"fibers\":\(harbour.berths.count),\"suspended\":\(suspended.count),"
      + "\"notStarted\":\(harbour.count(of: .notStarted)),\"finished\":\(harbour.count(of: .finished)),"
      + "\"innermostFunctions\":\(innermost),\"meanFunctions\":\(mean(frames)),\"meanBytes\":\(mean(bytes))}"
  }

  /// As dumps say it.
  private static func word(_ state: FiberState) -> String {
    switch state {
    case .notStarted: "not started"
    case .running: "running"
    case .resumingAnother: "resuming"
    case .suspended: "suspended"
    case .finished: "finished"
    case .abandoned: "abandoned"
    }
  }
}
