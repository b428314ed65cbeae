internal import CFiberAsm
internal import Glibc
internal import Synchronization

/// The calls of the system that make and end memory for stacks, each with a guard below that no one can touch.
@unsafe
enum StackMemory {
  /// Bytes below a stack that cannot be touched.
  static let guardSize = Int(FT_STACK_GUARD)
  static let pageSize = sysconf(Int32(_SC_PAGESIZE))
  /// From this number of guards by mapping on, the process counts as crowded. With two mappings each they take half of
  /// what Linux allows by default, and leave the other half to threads, modules and files.
  static let crowd = 16_384

  /// Guards by mapping that exist now.
  private static let mappingGuards = Atomic<Int>(0)

  /// The bytes of a stack of `size` bytes and its guard, in whole pages.
  static func total(size: Int) throws(FiberError) -> Int {
    guard size > 0 else {
      throw FiberError(.invalidStackSize, "a fiber's stack cannot have \(size) bytes; ask for 1 byte or more")
    }
    let page = unsafe pageSize
    let (padded, overflow) = unsafe size.addingReportingOverflow(guardSize + page - 1)
    guard !overflow else {
      throw FiberError(
        .invalidStackSize, "a fiber's stack of \(size) bytes and its guard exceed the address space; ask for less")
    }
    return padded / page * page
  }

  /// Maps `total` bytes without access: the system does not count them yet as memory that it may have to provide.
  static func map(total: Int, _ kind: FiberStack.Guard) throws(FiberError) -> UnsafeMutableRawPointer {
    // MAP_STACK also keeps huge pages away (Linux 6.7): one would be taken for a stack that needs a page.
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK
    let memory = unsafe mmap(nil, total, PROT_NONE, flags, -1, 0)
    // MAP_FAILED is -1.
    guard Int(bitPattern: memory) != -1, let memory = unsafe memory else {
      throw MappingLimit.error(bytes: total, code: errno, advice: unsafe advice(kind))
    }
    return unsafe memory
  }

  /// Makes a stack and its guard, the lowest bytes, of `total` bytes that were mapped. Answers what the guard is made
  /// of.
  ///
  /// Mappings of equal access next to each other are one to Linux: guards of marks, `.lightweight`, take none of their
  /// own.
  static func begin(
    _ memory: UnsafeMutableRawPointer, total: Int, _ kind: FiberStack.Guard
  ) throws(FiberError) -> FiberStack.Guard {
    let isCrowded = unsafe mappingGuards.load(ordering: .relaxed) >= crowd
    if kind == .lightweight || kind == .automatic && isCrowded {
      if try unsafe beginLightly(memory, total: total, kind) { return .lightweight }
      guard kind == .automatic else {
        throw FiberError(
          .guardUnavailable,
          "this system refuses lightweight guards (MADV_GUARD_INSTALL); they need Linux 6.13 and memory that is not "
            + "locked; choose FiberStack.Guard.mapping")
      }
    }
    guard unsafe mprotect(memory + guardSize, total - guardSize, PROT_READ | PROT_WRITE) == 0 else {
      throw MappingLimit.error(bytes: total, code: errno, advice: unsafe advice(kind))
    }
    unsafe mappingGuards.add(1, ordering: .relaxed)
    return .mapping
  }

  /// False where the system has no such guards; then the memory is as it was.
  private static func beginLightly(
    _ memory: UnsafeMutableRawPointer, total: Int, _ kind: FiberStack.Guard
  ) throws(FiberError) -> Bool {
    guard unsafe mprotect(memory, total, PROT_READ | PROT_WRITE) == 0 else {
      throw MappingLimit.error(bytes: total, code: errno, advice: unsafe advice(kind))
    }
    // <asm-generic/mman-common.h> of Linux 6.13; glibc 2.36 does not know the name.
    let MADV_GUARD_INSTALL: Int32 = 102
    if unsafe madvise(memory, guardSize, MADV_GUARD_INSTALL) == 0 { return true }
    // An unknown advice, or locked memory.
    let isUnknown = errno == EINVAL
    guard isUnknown, unsafe mprotect(memory, total, PROT_NONE) == 0 else {
      throw MappingLimit.error(bytes: total, code: errno, advice: unsafe advice(kind))
    }
    return false
  }

  /// What else to do than to raise the limit, if the process has no mapping left.
  private static func advice(_ kind: FiberStack.Guard) -> String? {
    switch kind {
    case .automatic: "run on Linux 6.13 or later without locked memory, where many stacks share a mapping"
    case .lightweight: nil
    case .mapping: "choose FiberStack.Guard.lightweight, which takes no mapping (Linux 6.13 and later)"
    }
  }

  /// Gives the pages of [low, high) back. What is read there from now on is zeros.
  static func returnPages(low: UInt64, high: UInt64) {
    // Fails for locked memory alone, whose pages stay.
    unsafe madvise(UnsafeMutableRawPointer(bitPattern: UInt(low)), Int(high - low), MADV_DONTNEED)
  }

  /// Unmaps `total` bytes. False if the process had more mappings then than it may have: to take memory from the middle
  /// of a mapping makes two of it. Then its pages are given back, and the addresses stay taken.
  @discardableResult
  static func unmap(_ memory: UnsafeMutableRawPointer, total: Int) -> Bool {
    if unsafe munmap(memory, total) == 0 { return true }
    unsafe madvise(memory, total, MADV_DONTNEED)
    return false
  }

  /// Notes that so many stacks with guards of this kind are gone.
  static func forget(_ kind: FiberStack.Guard, count: Int = 1) {
    if kind == .mapping { unsafe mappingGuards.subtract(count, ordering: .relaxed) }
  }
}
