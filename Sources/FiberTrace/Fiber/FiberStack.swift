internal import Glibc

/// Memory for a fiber's stack: whole pages, with one page below that no one can touch.
///
/// An overflow runs into the guard page and ends the process with a segmentation fault before it can reach other memory. Pages
/// are taken from the system when they are first touched, so an unused part of a stack costs address space alone.
///
/// The memory is unmapped when the stack goes: with the fiber that it was given to, or with its owner before.
public struct FiberStack: ~Copyable {
  /// 256 KiB. Measured in a release build: printing a `Double` takes 3 KiB, the first description of a dictionary 13 KiB (the
  /// Swift runtime builds its metadata then), a backtrace with its symbols 16 KiB. The rest is room for the body, and
  /// costs nothing until it is used.
  public static let defaultSize = 256 * 1024

  /// Lowest usable address; the guard page ends here.
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
    let (padded, overflow) = size.addingReportingOverflow(2 * page - 1)
    guard !overflow else {
      throw FiberError(
        .invalidStackSize, "a fiber's stack of \(size) bytes and its guard page exceed the address space; ask for less")
    }
    // Usable pages and the guard.
    let total = padded / page * page
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK
    let memory = unsafe mmap(nil, total, PROT_READ | PROT_WRITE, flags, -1, 0)
    // MAP_FAILED is -1.
    guard Int(bitPattern: memory) != -1 else { throw FiberStack.noMemory(total, errno) }
    guard unsafe mprotect(memory, page, PROT_NONE) == 0 else {
      let code = errno
      unsafe munmap(memory, total)
      throw FiberStack.noMemory(total, code)
    }
    low = UInt64(UInt(bitPattern: memory)) + UInt64(page)
    self.size = total - page
  }

  deinit {
    let page = sysconf(Int32(_SC_PAGESIZE))
    unsafe munmap(UnsafeMutableRawPointer(bitPattern: UInt(low) - UInt(page)), size + page)
  }

  /// End of the memory.
  var high: UInt64 { low + UInt64(size) }

  private static func noMemory(_ size: Int, _ code: Int32) -> FiberError {
    let reason = unsafe String(cString: strerror(code))
    return FiberError(
      .outOfMemory,
      "cannot map \(size) bytes for a fiber's stack and its guard page: \(reason); have fewer or smaller stacks, or raise "
        + "vm.max_map_count")
  }
}
