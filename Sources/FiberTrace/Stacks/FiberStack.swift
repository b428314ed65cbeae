internal import Glibc

/// Memory for a fiber's stack: whole pages, with a guard of 64 KiB below that no one can touch.
///
/// An overflow runs into the guard and ends the process with a segmentation fault before it can reach other memory, unless one
/// function alone takes more stack than the guard and leaves that much of it untouched. (libc has functions that take several
/// pages, and compilers for Linux do not probe the stack by default: a guard of one page would not do.) Pages are
/// taken from the system when they are first touched, so the guard and an unused part of a stack cost address space alone.
///
/// The memory is unmapped when the stack goes: with the fiber that it was given to, or with its owner before. Where that would
/// leave the process with more mappings than it may have, its pages are given back and its addresses stay taken.
public struct FiberStack: ~Copyable {
  /// 256 KiB. Measured in a release build: printing a `Double` takes 3 KiB, the first description of a dictionary 13 KiB (the
  /// Swift runtime builds its metadata then), a backtrace with its symbols 16 KiB. The rest is room for the body, and
  /// costs nothing until it is used.
  public static let defaultSize = 256 * 1024

  private let memory: GuardedMemory

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
  /// - Complexity: O(1), two system calls.
  public init(size: Int = FiberStack.defaultSize, guard kind: Guard = .automatic) throws(FiberError) {
    let page = sysconf(Int32(_SC_PAGESIZE))
    guard size > 0 else {
      throw FiberError(.invalidStackSize, "a fiber's stack cannot have \(size) bytes; ask for 1 byte or more")
    }
    let (padded, overflow) = size.addingReportingOverflow(GuardedMemory.guardSize + page - 1)
    guard !overflow else {
      throw FiberError(
        .invalidStackSize, "a fiber's stack of \(size) bytes and its guard exceed the address space; ask for less")
    }
    memory = try FiberStack.map(padded / page * page, kind)
  }

  private static func map(_ total: Int, _ kind: Guard) throws(FiberError) -> GuardedMemory {
    switch kind {
    case .mapping:
      return try .mapping(
        total: total, advice: "choose FiberStack.Guard.lightweight, which takes no mapping (Linux 6.13 and later)")
    case .lightweight:
      guard let memory = try GuardedMemory.lightweight(total: total) else {
        throw FiberError(
          .guardUnavailable,
          "this system refuses lightweight guards (MADV_GUARD_INSTALL); they need Linux 6.13 and memory that is not "
            + "locked; choose FiberStack.Guard.mapping")
      }
      return memory
    case .automatic:
      if GuardedMemory.isCrowded, let memory = try GuardedMemory.lightweight(total: total) { return memory }
      return try .mapping(
        total: total, advice: "run on Linux 6.13 or later without locked memory, where many stacks share a mapping")
    }
  }

  /// Bytes that can be used: the size asked for, rounded up to whole pages.
  public var size: Int { memory.size }

  /// What lies below: ``Guard/mapping`` or ``Guard/lightweight``.
  public var `guard`: Guard { memory.kind }

  /// Lowest usable address; the guard ends here.
  var low: UInt64 { memory.low }

  /// End of the memory.
  var high: UInt64 { low + UInt64(size) }
}
