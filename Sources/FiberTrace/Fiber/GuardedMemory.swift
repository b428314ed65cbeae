internal import CFiberAsm
internal import Glibc
internal import Synchronization

/// Whole pages of memory with a guard below, unmapped when it goes. All calls of the system that a stack needs are here.
struct GuardedMemory: ~Copyable {
  /// Bytes below the memory that cannot be touched.
  static let guardSize = 64 * 1024
  /// From this number of guards by mapping on, the process counts as crowded. With two mappings each they take half of what
  /// Linux allows by default, and leave the other half to threads, modules and files.
  static let crowd = 16_384

  /// Guards by mapping that exist now.
  private static let mappingGuards = Atomic<Int>(0)
  /// There are so many guards by mapping that others should be used.
  static var isCrowded: Bool { mappingGuards.load(ordering: .relaxed) >= crowd }

  /// Lowest address that can be used; the guard ends here.
  let low: UInt64
  /// Bytes from there on.
  let size: Int
  /// `.mapping` or `.lightweight`.
  let kind: FiberStack.Guard
  /// What valgrind calls it.
  private let announced: UInt64

  private init(low: UInt64, size: Int, kind: FiberStack.Guard) {
    self.low = low
    self.size = size
    self.kind = kind
    announced = ft_stack_announce(low, low + UInt64(size))
  }

  /// Maps `total` bytes, the guard included, a multiple of the page size.
  ///
  /// - Parameter advice: What else to do than to raise the limit, if the process has no mapping left.
  static func mapping(total: Int, advice: String) throws(FiberError) -> GuardedMemory {
    // Without access at first, so that the system does not count the guard as memory that it may have to provide.
    let memory = try unsafe map(total, PROT_NONE, advice: advice)
    guard unsafe mprotect(memory + guardSize, total - guardSize, PROT_READ | PROT_WRITE) == 0 else {
      let code = errno
      unsafe munmap(memory, total)
      throw MappingLimit.error(bytes: total, code: code, advice: advice)
    }
    mappingGuards.add(1, ordering: .relaxed)
    return unsafe GuardedMemory(memory, total: total, kind: .mapping)
  }

  /// Maps `total` bytes, the guard included, a multiple of the page size. Nil where the system has no such guards.
  ///
  /// Mappings of equal access next to each other are one to Linux, and it places each below the one before: any number of
  /// these takes few mappings.
  static func lightweight(total: Int) throws(FiberError) -> GuardedMemory? {
    let memory = try unsafe map(total, PROT_READ | PROT_WRITE, advice: nil)
    // <asm-generic/mman-common.h> of Linux 6.13; glibc 2.36 does not know the name.
    let MADV_GUARD_INSTALL: Int32 = 102
    guard unsafe madvise(memory, guardSize, MADV_GUARD_INSTALL) == 0 else {
      let code = errno
      unsafe munmap(memory, total)
      // An unknown advice, or locked memory.
      if code == EINVAL { return nil }
      throw MappingLimit.error(bytes: total, code: code, advice: nil)
    }
    return unsafe GuardedMemory(memory, total: total, kind: .lightweight)
  }

  @unsafe
  private init(_ memory: UnsafeMutableRawPointer, total: Int, kind: FiberStack.Guard) {
    let low = UInt64(UInt(bitPattern: memory)) + UInt64(Self.guardSize)
    self.init(low: low, size: total - Self.guardSize, kind: kind)
  }

  private static func map(_ total: Int, _ access: Int32, advice: String?) throws(FiberError) -> UnsafeMutableRawPointer
  {
    // MAP_STACK also keeps huge pages away (Linux 6.7): one would be taken for a stack that needs a page.
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK
    let memory = unsafe mmap(nil, total, access, flags, -1, 0)
    // MAP_FAILED is -1.
    guard Int(bitPattern: memory) != -1, let memory = unsafe memory else {
      throw MappingLimit.error(bytes: total, code: errno, advice: advice)
    }
    return unsafe memory
  }

  deinit {
    ft_stack_retract(announced)
    let total = size + Self.guardSize
    let memory = unsafe UnsafeMutableRawPointer(bitPattern: UInt(low) - UInt(Self.guardSize))
    if unsafe munmap(memory, total) != 0 {
      // To take one from the middle of a mapping makes two of it, and the process may have no more. Then the pages are given
      // back, and the addresses stay taken.
      unsafe madvise(memory, total, MADV_DONTNEED)
    }
    if kind == .mapping { Self.mappingGuards.subtract(1, ordering: .relaxed) }
  }
}
