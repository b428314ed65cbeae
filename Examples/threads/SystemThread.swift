internal import Glibc

/// A thread of the system, with its stack at an address that one can choose, and the report it ends with.
@safe
struct SystemThread {
  /// Where the thread's stack lies.
  enum Stack {
    /// Where the C library puts it.
    case system
    /// At an address below all that the system places by itself, or where the system likes if it does not give that one (valgrind
    /// does not); another for each number, from 1 on.
    case low(Int)
  }

  /// The system refused a thread or its stack.
  struct Refusal: Error, CustomStringConvertible {
    let description: String

    init(_ action: String, _ code: Int32) {
      description = unsafe "threads: cannot \(action): \(String(cString: strerror(code)))"
    }
  }

  /// What the thread runs, and what that answered: written by the thread, and read once its end has been waited for.
  private final class Work {
    let body: @Sendable () -> Report
    var report: Report?

    init(_ body: @escaping @Sendable () -> Report) {
      self.body = body
    }
  }

  /// Far below the C library and the fibers, and below the program, if Linux has placed it. Sanitizers leave it free.
  private static let lowAddress = 0x5500_0000_0000
  private static let stackSize = 1 << 20

  private let thread: pthread_t
  private let work: Work

  /// Starts it.
  init(stack: Stack, _ body: @escaping @Sendable () -> Report) throws(Refusal) {
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    if case .low(let number) = stack {
      let address = unsafe UnsafeMutableRawPointer(
        bitPattern: SystemThread.lowAddress + number * 2 * SystemThread.stackSize)
      let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK
      // For the rest of the process: the sample's threads end with it.
      var stack = unsafe mmap(
        address, SystemThread.stackSize, PROT_READ | PROT_WRITE, flags | MAP_FIXED_NOREPLACE, -1, 0)
      if unsafe stack != address {
        unsafe stack = unsafe mmap(nil, SystemThread.stackSize, PROT_READ | PROT_WRITE, flags, -1, 0)
      }
      // MAP_FAILED is -1.
      guard Int(bitPattern: stack) != -1, let stack = unsafe stack else { throw Refusal("map a thread's stack", errno) }
      unsafe pthread_attr_setstack(&attributes, stack, SystemThread.stackSize)
    }
    var thread = pthread_t()
    work = Work(body)
    let start = unsafe Unmanaged.passRetained(work)
    let code = unsafe pthread_create(
      &thread, &attributes,
      { argument in
        if let argument = unsafe argument {
          let work = unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
          work.report = work.body()
        }
        return nil
      }, start.toOpaque())
    guard code == 0 else {
      unsafe start.release()
      throw Refusal("start a thread", code)
    }
    self.thread = thread
  }

  /// Waits for its end, and answers its report.
  func join() -> Report {
    pthread_join(thread, nil)
    guard let report = work.report else { preconditionFailure("a thread ends with its report") }
    return report
  }
}
