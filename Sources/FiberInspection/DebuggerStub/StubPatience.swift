/// Keeps a debugger waiting while the process that it asks about is being copied, which takes a second for each gigabyte or so.
///
/// gdb waits two seconds for the next byte of an answer (`show remotetimeout`), asks three times, and then goes on without. So the
/// answer to its first request, a list of features, begins with one that nobody knows, whose name grows by a byte a second.
struct StubPatience {
  private static let interval = Duration.seconds(1)
  private static let name = Array("copying-the-process".utf8)

  /// The first request, if it has come.
  private(set) var request: [UInt8]?
  /// What of the answer was sent, without "$".
  private var begun: [UInt8] = []
  private var last: ContinuousClock.Instant?

  /// A request has come that waits for its answer.
  mutating func begin(_ request: [UInt8], at now: ContinuousClock.Instant) {
    self.request = request
    last = now
  }

  /// What is to be sent now: nothing, if something was sent less than a second ago.
  mutating func sign(at now: ContinuousClock.Instant) -> [UInt8] {
    guard let request, let last, now - last >= Self.interval, request.starts(with: "qSupported".utf8) else { return [] }
    self.last = now
    guard begun.isEmpty else {
      begun.append(UInt8(ascii: "."))
      return [UInt8(ascii: ".")]
    }
    begun = Self.name
    return [UInt8(ascii: "$")] + Self.name
  }

  /// The wait is over. Answers what the answer begins with; the end of the unknown feature is yet to be sent with the rest.
  mutating func end() -> [UInt8] {
    defer { begun = [] }
    return begun
  }

  /// What separates the unknown feature, which is not supported, from those that are.
  static let separator = Array("-;".utf8)
}
