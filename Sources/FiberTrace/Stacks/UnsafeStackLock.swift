internal import Glibc

/// A lock on what is known of all slabs of a pool. libc's, since ThreadSanitizer does not see that Swift's `Mutex`
/// orders anything.
@unsafe
struct UnsafeStackLock {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let state: UnsafeMutablePointer<UnsafeStackSlabs.State>

  /// Nil if there is no memory.
  init?() {
    let size = MemoryLayout<UnsafeStackSlabs.State>.stride
    let memory = unsafe malloc(size + MemoryLayout<pthread_mutex_t>.size)
    guard let memory = unsafe memory else { return nil }
    unsafe state = unsafe memory.bindMemory(to: UnsafeStackSlabs.State.self, capacity: 1)
    unsafe mutex = unsafe (memory + size).bindMemory(to: pthread_mutex_t.self, capacity: 1)
    unsafe state.initialize(to: UnsafeStackSlabs.State())
    unsafe mutex.initialize(to: pthread_mutex_t())
    unsafe pthread_mutex_init(mutex, nil)
  }

  /// Nobody holds it, and nobody will.
  func deallocate() {
    unsafe pthread_mutex_destroy(mutex)
    unsafe free(state)
  }

  func withLock<Result, Failure>(
    _ body: (inout UnsafeStackSlabs.State) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return try unsafe body(&state.pointee)
  }
}
