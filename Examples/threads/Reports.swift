internal import Glibc
internal import Synchronization

/// What the threads have come back with, by number.
final class Reports: Sendable {
  private let results = Mutex<[Int: (sum: Int, above: Int)]>([:])

  /// Runs a worker on the calling thread, and keeps what it answers. An error ends the process: other threads may wait for this
  /// one to stand.
  func add(_ worker: Worker) {
    do {
      let result = try worker.run()
      results.withLock { $0[worker.number] = result }
    } catch {
      let line = Array("threads: \(error)\n".utf8)
      _ = unsafe write(STDERR_FILENO, line, line.count)
      exit(1)
    }
  }

  /// A line for each thread.
  var lines: [String] {
    results.withLock { $0 }.sorted { $0.key < $1.key }.map { number, result in
      let name = number == 0 ? "the main thread" : "thread \(number)"
      return "threads: \(name)'s fibers have added up \(result.sum); stacks above its own: \(result.above)"
    }
  }
}
