internal import Glibc

/// Memory for a fiber's stack: whole pages, with a guard of 64 KiB below that no one can touch.
///
/// An overflow runs into the guard and ends the process with a segmentation fault before it can reach other memory, unless one
/// function alone takes more stack than the guard and leaves that much of it untouched. (libc has functions that take several
/// pages, and compilers for Linux do not probe the stack by default: a guard of one page would not do.) Pages are
/// taken from the system when they are first touched, so the guard and an unused part of a stack cost address space alone.
///
/// The memory is unmapped when the stack goes: with the fiber that it was given to, or with its owner before.
public struct FiberStack: ~Copyable {
  /// 256 KiB. Measured in a release build: printing a `Double` takes 3 KiB, the first description of a dictionary 13 KiB (the
  /// Swift runtime builds its metadata then), a backtrace with its symbols 16 KiB. The rest is room for the body, and
  /// costs nothing until it is used.
  public static let defaultSize = 256 * 1024

  /// Bytes below the stack that cannot be touched.
  private static let guardSize = 64 * 1024

  /// Lowest usable address; the guard ends here.
  let low: UInt64

  /// Bytes that can be used: the size asked for, rounded up to whole pages.
  public let size: Int

  /// Reserves a stack of at least `size` bytes.
  ///
  /// A page is enough to suspend and return. Anything that makes the Swift runtime build metadata, such as the first
  /// use of a generic type, takes up to 13 KiB: give a body that throws, formats or may be cancelled 32 KiB or more.
  ///
  /// Linux allows a process 65,530 mappings by default (`vm.max_map_count`), and a stack takes two.
  ///
  /// - Parameter size: Bytes, from 1 on; rounded up to whole pages of 4,096 bytes.
  /// - Throws: ``FiberError/Code/invalidStackSize`` if `size` is not positive or does not fit the address space;
  ///   ``FiberError/Code/outOfMemory`` if the system has no memory or no mapping left.
  /// - Complexity: O(1), two system calls.
  public init(size: Int = FiberStack.defaultSize) throws(FiberError) {
    let page = sysconf(Int32(_SC_PAGESIZE))
    guard size > 0 else {
      throw FiberError(.invalidStackSize, "a fiber's stack cannot have \(size) bytes; ask for 1 byte or more")
    }
    let (padded, overflow) = size.addingReportingOverflow(FiberStack.guardSize + page - 1)
    guard !overflow else {
      throw FiberError(
        .invalidStackSize, "a fiber's stack of \(size) bytes and its guard exceed the address space; ask for less")
    }
    let total = padded / page * page
    // Without access at first, so that the system does not count the guard as memory that it may have to provide.
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK
    let memory = unsafe mmap(nil, total, PROT_NONE, flags, -1, 0)
    // MAP_FAILED is -1.
    guard Int(bitPattern: memory) != -1, let memory = unsafe memory else {
      throw FiberStack.noMemory(total, errno)
    }
    let usable = unsafe memory + FiberStack.guardSize
    guard unsafe mprotect(usable, total - FiberStack.guardSize, PROT_READ | PROT_WRITE) == 0 else {
      let code = errno
      unsafe munmap(memory, total)
      throw FiberStack.noMemory(total, code)
    }
    low = UInt64(UInt(bitPattern: usable))
    self.size = total - FiberStack.guardSize
  }

  deinit {
    unsafe munmap(
      UnsafeMutableRawPointer(bitPattern: UInt(low) - UInt(FiberStack.guardSize)), size + FiberStack.guardSize)
  }

  /// End of the memory.
  var high: UInt64 { low + UInt64(size) }

  private static func noMemory(_ size: Int, _ code: Int32) -> FiberError {
    let reason = unsafe String(cString: strerror(code))
    return FiberError(
      .outOfMemory,
      "cannot map \(size) bytes for a fiber's stack and its guard: \(reason); have fewer or smaller stacks, or raise "
        + "vm.max_map_count")
  }
}
