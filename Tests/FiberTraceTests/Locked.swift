import Foundation

/// A variable that threads share: a reference, which closures may capture as they like. Its lock is libc's, since
/// ThreadSanitizer does not see that Swift's `Mutex` orders anything.
@safe
final class Locked<Value>: Sendable {
  private let lock = NSLock()
  // In memory of its own: an access to a stored property would be on record while `body` runs, which some tests look at.
  private nonisolated(unsafe) let value: UnsafeMutablePointer<Value>

  init(_ value: sending Value) {
    unsafe self.value = UnsafeMutablePointer.allocate(capacity: 1)
    unsafe self.value.initialize(to: value)
  }

  deinit {
    unsafe value.deinitialize(count: 1)
    unsafe value.deallocate()
  }

  func withLock<Result>(_ body: (inout sending Value) throws -> sending Result) rethrows -> sending Result {
    lock.lock()
    defer { lock.unlock() }
    return try unsafe body(&value.pointee)
  }
}
