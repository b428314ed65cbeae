internal import CFiberAsm

/// Memory for a fiber's stack: a mapping of its own, one of a pool's (``FiberStackPool``), or memory of the caller's.
///
/// But for the last, it is whole pages with a guard of 64 KiB below that no one can touch. An overflow runs into the
/// guard and ends the process with a segmentation fault before it can reach other memory, unless one function alone
/// takes more stack than the guard and leaves that much of it untouched. (libc has functions that take several pages,
/// and compilers for Linux do not probe the stack by default: a guard of one page would not do.) Pages are taken from
/// the system when they are first touched, so the guard and an unused part of a stack cost address space alone.
/// ``FiberStackOverflow`` has an overflow reported with the fiber's name.
///
/// The memory goes back where it came from when the stack goes: with the fiber that it was given to, or with its owner
/// before. A mapping of its own is unmapped; where that would leave the process with more mappings than it may have,
/// its pages are given back and its addresses stay taken.
@safe
public struct FiberStack: ~Copyable, Sendable {
  /// 256 KiB. Measured in a release build: printing a `Double` takes 3 KiB, the first description of a dictionary 13
  /// KiB (the Swift runtime builds its metadata then), a backtrace with its symbols 16 KiB. The rest is room for the
  /// body, and costs nothing until it is used.
  public static let defaultSize = 256 * 1024

  /// The fewest bytes that a switch can use, a page: FT_STACK_MINIMUM.
  private static let minimum = Int(FT_STACK_MINIMUM)

  /// Lowest usable address; the guard, if there is one, ends here.
  let low: UInt64
  /// End of the memory.
  let high: UInt64
  private var origin: Origin
  /// For tools that watch stacks.
  private let begun: UInt64

  /// Where the memory came from, and how it goes back.
  @unsafe private enum Origin: @unchecked Sendable {
    case mapping(Guard)
    case pool(UnsafeMutablePointer<UnsafeStackSlot>)
    case caller((@Sendable () -> Void)?)
    /// It never goes back.
    case abandoned
  }

  /// Every stack begins here, new or used before.
  @inline(__always)
  private init(low: UInt64, high: UInt64, origin: consuming Origin) {
    self.low = low
    self.high = high
    unsafe self.origin = unsafe origin
    begun = ft_stack_begin(low, high)
  }

  /// Keeps the memory for ever, because a thread may still stand on it; `whenDone` is never called.
  mutating func abandon() {
    // What the function has captured may own the memory.
    if case .caller(let whenDone?) = unsafe origin { _ = unsafe Unmanaged.passRetained(Kept(whenDone: whenDone)) }
    unsafe origin = .abandoned
  }

  private final class Kept {
    let whenDone: @Sendable () -> Void

    init(whenDone: @escaping @Sendable () -> Void) {
      self.whenDone = whenDone
    }
  }

  /// Every stack ends here: its memory goes back where it came from.
  deinit {
    if case .abandoned = unsafe origin { return }
    ft_stack_end(begun, low, high)
    switch unsafe origin {
    case .mapping(let kind):
      if let memory = unsafe UnsafeMutableRawPointer(bitPattern: UInt(low) - UInt(StackMemory.guardSize)) {
        unsafe StackMemory.unmap(memory, total: size + StackMemory.guardSize)
      }
      unsafe StackMemory.forget(kind)
    case .pool(let slot): unsafe UnsafeStackPool.give(slot)
    case .caller(let whenDone): whenDone?()
    case .abandoned: break
    }
  }

  /// Reserves a stack of at least `size` bytes.
  ///
  /// A page is enough to suspend and return. Anything that makes the Swift runtime build metadata, such as the first
  /// use of a generic type, takes up to 13 KiB: give a body that throws, formats or may be cancelled 32 KiB or more.
  ///
  /// - Parameters:
  ///   - size: Bytes, from 1 on; rounded up to whole pages of 4,096 bytes.
  ///   - kind: What lies below. The choice matters to programs with many thousands of stacks.
  /// - Throws: ``FiberError/Code/invalidStackSize`` if `size` is not positive or does not fit the address space;
  ///   ``FiberError/Code/outOfMemory`` if the system has no memory or no mapping left;
  ///   ``FiberError/Code/guardUnavailable`` if the system has no lightweight guards and one was asked for.
  /// - Complexity: O(1), two or three system calls.
  public init(size: Int = FiberStack.defaultSize, guard kind: Guard = .automatic) throws(FiberError) {
    let total = try unsafe StackMemory.total(size: size)
    let memory = try unsafe StackMemory.map(total: total, kind)
    do {
      let used = try unsafe StackMemory.begin(memory, total: total, kind)
      let start = UInt64(UInt(bitPattern: memory))
      unsafe self.init(
        low: start + UInt64(StackMemory.guardSize), high: start + UInt64(total), origin: .mapping(used))
    } catch {
      unsafe StackMemory.unmap(memory, total: total)
      throw error
    }
  }

  /// Makes a stack of memory of the caller's, of any alignment. Nothing guards it: a body that needs more overwrites
  /// what lies below.
  ///
  /// - Parameters:
  ///   - memory: Bytes that can be read and written, that nothing else uses, and that stay until `whenDone` is called.
  ///   - whenDone: Called once, on whichever thread the stack ends, when nothing runs on it any more.
  /// - Throws: ``FiberError/Code/invalidStackSize`` if there is no memory, or if it has fewer than 4,096 bytes; then
  ///   `whenDone` is not called.
  /// - Complexity: O(1), no system call.
  public init(
    unsafeMemory memory: UnsafeMutableRawBufferPointer, whenDone: (@Sendable () -> Void)? = nil
  ) throws(FiberError) {
    guard let start = memory.baseAddress else {
      throw FiberError(.invalidStackSize, "a fiber's stack cannot be made of no memory: the base address is nil")
    }
    guard memory.count >= FiberStack.minimum else {
      throw FiberError(
        .invalidStackSize,
        "a fiber's stack cannot be made of \(memory.count) bytes; give it \(FiberStack.minimum) bytes or more")
    }
    let low = UInt64(UInt(bitPattern: start))
    ft_stack_given(low)
    unsafe self.init(low: low, high: low + UInt64(memory.count), origin: .caller(whenDone))
  }

  /// A stack that was taken from its pool.
  @inline(__always)
  init(slot: UnsafeMutablePointer<UnsafeStackSlot>) {
    unsafe self.init(low: slot.pointee.low, high: slot.pointee.high, origin: .pool(slot))
  }

  /// Bytes that can be used: the size asked for, rounded up to whole pages, or all of the caller's memory.
  public var size: Int { Int(high - low) }

  /// What lies below: ``Guard/mapping`` or ``Guard/lightweight``; nil for memory of the caller's, which has no guard.
  public var `guard`: Guard? {
    switch unsafe origin {
    case .mapping(let kind): kind
    case .pool(let slot): unsafe slot.pointee.kind
    case .caller, .abandoned: nil
    }
  }
}
