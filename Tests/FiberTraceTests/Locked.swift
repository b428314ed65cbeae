import Foundation

/// A variable that threads share: a reference, which closures may capture as they like. Its lock is libc's, since
/// ThreadSanitizer does not see that Swift's `Mutex` orders anything.
final class Locked<Value>: Sendable {
  private let lock = NSLock()
  private nonisolated(unsafe) var value: Value

  init(_ value: sending Value) { unsafe self.value = value }

  func withLock<Result>(_ body: (inout sending Value) throws -> sending Result) rethrows -> sending Result {
    lock.lock()
    defer { lock.unlock() }
    return try unsafe body(&value)
  }
}
