internal import FiberInspection
internal import Glibc

/// One line on a terminal that says how far a dump or a core is, once it takes over a second.
final class ProgressLine {
  private let isWanted: Bool
  private var next: ContinuousClock.Instant
  private var calls = 0
  private var isShown = false

  /// - Parameters:
  ///   - start: when the command began.
  ///   - isWanted: nothing else is being written to a terminal meanwhile.
  init(since start: ContinuousClock.Instant, isWanted: Bool = true) {
    self.isWanted = isWanted && isatty(STDERR_FILENO) == 1
    next = start + .seconds(1)
  }

  /// Shows `progress` if it is time to.
  func show(_ progress: DumpProgress) {
    calls += 1
    // Looking at the clock takes longer than walking a short stack.
    guard isWanted, calls % 64 == 0, ContinuousClock.now >= next else { return }
    next = ContinuousClock.now + .milliseconds(100)
    isShown = true
    write("\r\u{1b}[K\(progress.sentence)")
  }

  /// Shows how much of a core is written, if it is time to.
  func show(_ progress: FiberCore.Progress) {
    calls += 1
    guard isWanted, calls % 16 == 0, ContinuousClock.now >= next else { return }
    next = ContinuousClock.now + .milliseconds(100)
    isShown = true
    let sizes = [progress.done, progress.total].map { grouped(Int(clamping: $0 >> 20)) }
    write("\r\u{1b}[Kwriting \(sizes[0]) of \(sizes[1]) MiB")
  }

  /// Shows how many files are verified, if it is time to.
  func show(_ progress: VerificationRun.Progress) {
    guard isWanted, ContinuousClock.now >= next else { return }
    next = ContinuousClock.now + .milliseconds(100)
    isShown = true
    var text = "verified \(grouped(progress.done)) of \(grouped(progress.total)) files"
    if let current = progress.current {
      let name = current.path.split(separator: "/").last.map(String.init) ?? current.path
      text += "; \(grouped(current.done)) of \(grouped(current.total)) FDEs of \(name.escapedForTerminal)"
    }
    write("\r\u{1b}[K\(text)")
  }

  /// Erases the line.
  func erase() {
    guard isShown else { return }
    isShown = false
    write("\r\u{1b}[K")
  }

  private func write(_ text: String) {
    let bytes = Array(text.utf8)
    // Whoever closed the terminal does not want it.
    _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}

extension DumpProgress {
  /// "walking 34,000 of 100,000 fibers".
  fileprivate var sentence: String {
    let noun =
      switch phase {
      case .walking, .writing: "fibers"
      case .naming: "places"
      }
    return "\(phase.rawValue) \(grouped(done)) of \(grouped(total)) \(noun)"
  }
}

/// Digits by thousands.
func grouped(_ number: Int) -> String {
  let digits = String(number)
  var text = ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.utf8.count - index) % 3 == 0 { text += "," }
    text.append(digit)
  }
  return text
}
