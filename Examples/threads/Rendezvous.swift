internal import Glibc
internal import Synchronization

/// Where threads stand still for good. The main thread comes as well, waits for the others, and says that all are there.
final class Rendezvous: Sendable {
  private let threads: Int
  private let arrived = Atomic<Int>(0)

  /// - Parameter threads: How many come besides the main thread.
  init(threads: Int) {
    self.threads = threads
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
