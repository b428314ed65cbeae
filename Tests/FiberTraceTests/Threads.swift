import Foundation
import Synchronization
import Testing

/// A thread of the system, with a stack of 1 MiB. Foundation's has no way to wait for its end that ThreadSanitizer would see.
final class Thread: Sendable {
  private let body: @Sendable () -> Void
  private let thread = Locked<pthread_t?>(nil)
  private let ended = Atomic<Bool>(false)

  init(_ body: @escaping @Sendable () -> Void) {
    self.body = body
  }

  /// Its body has returned.
  var isFinished: Bool { ended.load(ordering: .acquiring) }

  func start() {
    var new = pthread_t()
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    unsafe pthread_attr_setstacksize(&attributes, 1 << 20)
    defer { unsafe pthread_attr_destroy(&attributes) }
    let start = unsafe Unmanaged.passRetained(self)
    let code = unsafe pthread_create(
      &new, &attributes,
      { argument in
        guard let argument = unsafe argument else { return nil }
        let thread = unsafe Unmanaged<Thread>.fromOpaque(argument).takeRetainedValue()
        thread.body()
        thread.ended.store(true, ordering: .releasing)
        return nil
      }, start.toOpaque())
    precondition(code == 0, "no thread: error \(code)")
    thread.withLock { $0 = new }
  }

  /// Nobody waits for it any more.
  deinit {
    if let thread = thread.withLock({ $0.take() }) { pthread_detach(thread) }
  }

  /// Waits for its end, once.
  func join() {
    guard let thread = thread.withLock({ $0.take() }) else { return }
    pthread_join(thread, nil)
  }
}

/// Runs `thread` to its end.
func join(_ thread: Thread) throws {
  thread.start()
  thread.join()
}

/// Runs `body` on a thread of its own and hands on what it answers or throws.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
  let result = Locked<Result<Value, any Error>?>(nil)
  try join(Thread { result.withLock { $0 = Result { try body() } } })
  return try #require(result.withLock { $0 }).get()
}
