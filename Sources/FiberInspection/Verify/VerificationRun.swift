internal import Dispatch
package import FrameVerification
internal import Synchronization

/// Verifies many files on several threads.
///
/// Small files are verified several at a time, each by one thread; then large ones one after another, each by all threads. So the
/// memory of one large file or of some small ones is needed at a time, beside what was found.
package struct VerificationRun: Sendable {
  /// A file of this size or more, in bytes, is worth several threads.
  private static let large: UInt64 = 4 << 20

  /// How far it is.
  package struct Progress: Sendable {
    /// Files that are done, and all files.
    package var done: Int
    package var total: Int
    /// Of a file that all threads work at: its path, FDEs that are done, and all its FDEs.
    package var current: (path: String, done: Int, total: Int)?
  }

  /// What came out.
  package struct Result: Sendable {
    /// In the order of the files, whatever the number of threads; those without a function that was asked for are left out.
    package var files: [ReportedFile]
    /// Functions that were asked for and no file has, each with near names.
    package var missing: [(function: String, near: [String])]
  }

  private let items: [VerificationInput.Item]
  private let options: VerificationOptions

  package init(_ items: [VerificationInput.Item], options: VerificationOptions) {
    self.items = items
    self.options = options
  }

  /// Verifies all files.
  ///
  /// - Parameter progress: is told now and then how far it is; from several threads, one at a time.
  package func run(progress: @escaping @Sendable (Progress) -> Void) -> Result {
    let workers = max(1, options.workers)
    let indexes = Array(items.indices)
    let isAlone = items.count == 1
    let small = indexes.filter { !isAlone && items[$0].size < Self.large }
    let state = Mutex(State(outcomes: Array(repeating: nil, count: items.count)))
    if !small.isEmpty {
      DispatchQueue.concurrentPerform(iterations: min(workers, small.count)) { _ in
        var options = options
        options.workers = 1
        while let place = state.withLock({ $0.take(of: small.count) }) {
          finish(small[place], verify(items[small[place]], options, progress: nil), state, progress)
        }
      }
    }
    for index in indexes where isAlone || items[index].size >= Self.large {
      let done = state.withLock { $0.done }
      let path = items[index].path
      let outcome = verify(items[index], options) { checked, fdes in
        progress(Progress(done: done, total: items.count, current: (path, checked, fdes)))
      }
      finish(index, outcome, state, progress)
    }
    return result(state.withLock { $0.outcomes.compactMap(\.self) })
  }

  private func finish(
    _ index: Int, _ outcome: Outcome, _ state: borrowing Mutex<State>, _ progress: (Progress) -> Void
  ) {
    state.withLock {
      $0.outcomes[index] = outcome
      $0.done += 1
      progress(Progress(done: $0.done, total: items.count))
    }
  }

  private func verify(
    _ item: VerificationInput.Item, _ options: VerificationOptions, progress: (@Sendable (Int, Int) -> Void)?
  ) -> Outcome {
    if let failure = item.failure { return Outcome(ReportedFile(path: item.path, failure: failure)) }
    do {
      let file = try FileVerification(path: item.path, options: options)
      let missing = file.missingFunctions
      // Nothing of it was asked for.
      if !missing.isEmpty, missing.count == options.functions.count {
        // Near names of many files would be noise.
        let near = items.count == 1 ? missing.map(file.names(near:)) : []
        return Outcome(nil, missing: missing, near: near)
      }
      return Outcome(file.run(progress: progress), missing: missing)
    } catch {
      // An error about another file (a debug file) says which.
      let text = error.place == item.path ? error.text : error.description
      return Outcome(ReportedFile(path: item.path, failure: text))
    }
  }

  private func result(_ outcomes: [Outcome]) -> Result {
    // A file that cannot be read may have it.
    let read = outcomes.filter { $0.file?.failure == nil }
    let near = Dictionary(
      read.first.map { Array(zip($0.missing, $0.near)) } ?? [], uniquingKeysWith: { first, _ in first })
    let missing = options.functions.filter { name in !read.isEmpty && read.allSatisfy { $0.missing.contains(name) } }
    return Result(files: outcomes.compactMap(\.file), missing: missing.map { ($0, near[$0] ?? []) })
  }

  private struct Outcome: Sendable {
    var file: ReportedFile?
    var missing: [String]
    var near: [[String]]

    init(_ file: ReportedFile?, missing: [String] = [], near: [[String]] = []) {
      self.file = file
      self.missing = missing
      self.near = near
    }
  }

  private struct State {
    var outcomes: [Outcome?]
    var next = 0
    var done = 0

    mutating func take(of count: Int) -> Int? {
      guard next < count else { return nil }
      defer { next += 1 }
      return next
    }
  }
}
