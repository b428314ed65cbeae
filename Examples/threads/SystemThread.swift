internal import Glibc

/// A thread of the system, with its stack at an address that one can choose.
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

  /// What the thread runs, on the way to it.
  private final class Start {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
      self.body = body
    }
  }

  /// Far below the C library and the fibers, and below the program, if Linux has placed it. Sanitizers leave it free.
  private static let lowAddress = 0x5500_0000_0000
  private static let stackSize = 1 << 20

  private let thread: pthread_t

  /// Starts it.
  init(stack: Stack, _ body: @escaping @Sendable () -> Void) throws(Refusal) {
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
    let start = unsafe Unmanaged.passRetained(Start(body))
    let code = unsafe pthread_create(
      &thread, &attributes,
      { argument in
        if let argument = unsafe argument { unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
      }, start.toOpaque())
    guard code == 0 else {
      unsafe start.release()
      throw Refusal("start a thread", code)
    }
    self.thread = thread
  }

  /// Waits for its end.
  func join() {
    pthread_join(thread, nil)
  }
}
