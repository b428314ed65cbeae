internal import CFiberAsm
internal import Glibc

/// The stack that a thread has given back last, which it takes again without an atomic instruction.
///
/// It is idle, but on no list. It becomes shared when the thread gives back another, trims or drops the pool, or ends.
@unsafe
enum UnsafeStackCache {
  private enum State {
    static let unprepared: UInt64 = 0
    static let ready: UInt64 = 1
    static let ended: UInt64 = 2
  }

  /// Takes this thread's stack, if it is one of `pool`.
  @inline(__always)
  static func take(of pool: UnsafeMutablePointer<UnsafeStackPool>) -> UnsafeMutablePointer<UnsafeStackSlot>? {
    let cache = unsafe ft_thread_stack_cache()
    guard unsafe cache.pointee.pool == UnsafeMutableRawPointer(pool), let slot = unsafe cache.pointee.slot else {
      return nil
    }
    unsafe cache.pointee.slot = nil
    return unsafe slot.assumingMemoryBound(to: UnsafeStackSlot.self)
  }

  /// Keeps an idle stack for this thread, and shares the one before. False if it has to be shared itself.
  @inline(__always)
  static func give(_ slot: UnsafeMutablePointer<UnsafeStackSlot>) -> Bool {
    let cache = unsafe ft_thread_stack_cache()
    let pool = unsafe slot.pointee.pool
    guard
      unsafe pool.pointee.idleLimit > 0 && !pool.pointee.warm.isClosed
        && (cache.pointee.state == State.ready || prepare(cache))
    else {
      return false
    }
    let before = unsafe cache.pointee.slot
    unsafe cache.pointee.slot = UnsafeMutableRawPointer(slot)
    unsafe cache.pointee.pool = UnsafeMutableRawPointer(pool)
    if let before = unsafe before { unsafe share(before) }
    return true
  }

  /// Shares this thread's stack, if it is one of `pool`.
  static func flush(of pool: UnsafeMutablePointer<UnsafeStackPool>) {
    if let slot = unsafe take(of: pool) { unsafe UnsafeStackPool.share(slot) }
  }

  private static func share(_ slot: UnsafeMutableRawPointer) {
    unsafe UnsafeStackPool.share(slot.assumingMemoryBound(to: UnsafeStackSlot.self))
  }

  /// Has the thread's end see to its stack. False if it has ended, or the process has no key left.
  @inline(never)
  private static func prepare(_ cache: UnsafeMutablePointer<ft_stack_cache>) -> Bool {
    guard unsafe cache.pointee.state == State.unprepared, let key = unsafe key,
      unsafe pthread_setspecific(key, cache) == 0
    else { return false }
    unsafe cache.pointee.state = State.ready
    return true
  }

  private static let key: pthread_key_t? = {
    var key = pthread_key_t()
    let code = unsafe pthread_key_create(&key) { cache in
      guard let cache = unsafe cache?.assumingMemoryBound(to: ft_stack_cache.self) else { return }
      unsafe cache.pointee.state = State.ended
      if let slot = unsafe cache.pointee.slot {
        unsafe cache.pointee.slot = nil
        unsafe share(slot)
      }
    }
    return code == 0 ? key : nil
  }()
}
