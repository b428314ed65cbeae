internal import Glibc
internal import Synchronization

/// Where threads stand still for good. The main thread comes as well, waits for the others, and says that all are there.
final class Rendezvous: Sendable {
  private let threads: Int
  private let arrived = Atomic<Int>(0)
  private let turn = Atomic<Int>(0)

  /// - Parameter threads: How many come besides the main thread.
  init(threads: Int) {
    self.threads = threads
  }

  /// Waits until all threads of lower numbers have taken their turns, and takes one: fibers made in it have the same ids in
  /// every run.
  func takeTurn<Result, Failure: Error>(
    of number: Int, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    while turn.load(ordering: .acquiring) < number { usleep(1000) }
    defer { turn.store(number + 1, ordering: .releasing) }
    return try body()
  }

  /// Sleeps until the process is killed.
  @inline(never)
  func stand(onMainThread isMain: Bool) -> Never {
    if !isMain {
      arrived.add(1, ordering: .releasing)
    } else {
      while arrived.load(ordering: .acquiring) < threads { usleep(1000) }
      print("threads: pid \(getpid()) stands in a fiber of each of \(threads + 1) threads; Ctrl-C ends it")
      fflush(nil)
    }
    while true { pause() }
  }
}
