internal import CFiberAsm
public import CUnwindShim
internal import Glibc

extension Backtrace {
  /// Loads libunwind, which the first capture does otherwise: call it early where a capture must not allocate.
  ///
  /// The library is loaded for this module alone: it does not take the place of the program's own `_Unwind_*` and `backtrace`.
  ///
  /// - Throws: ``FiberError/Code/unwinderUnavailable`` if it cannot be loaded.
  public static func prepare() throws(FiberError) {
    if let reason = unsafe ft_unwind_load() {
      throw unsafe FiberError(.unwinderUnavailable, "no backtraces: \(String(cString: reason))")
    }
  }

  /// The calls that have led to the caller, who is the first frame.
  ///
  /// Allocates, so a signal handler that may interrupt an allocation must not call it: ``captureRaw(into:)`` is for that.
  ///
  /// - Parameter limit: The most frames wanted; 0 or less for none.
  /// - Throws: ``FiberError/Code/unwinderUnavailable`` if libunwind cannot be loaded;
  ///   ``FiberError/Code/outOfMemory`` if there is no memory for the frames.
  /// - Complexity: O(frames), under 2 µs a frame. Takes 5 KiB of stack, and 13 KiB the first time.
  @_transparent
  public static func capture(limit: Int = 1024) throws(FiberError) -> Backtrace {
    // Transparent: the walk leaves out the C function it starts in, and the next frame is the caller's, in debug builds too.
    unsafe try Backtrace(ft_unwind_walk(max(limit, 0)))
  }

  /// Writes the return addresses of the calls that have led to the caller, who is the first frame, into `buffer`.
  ///
  /// All of them are return addresses, but where a signal handler or a fiber begins. No allocation after
  /// ``prepare()``, but for a cache that libunwind maps once on each thread. A pc that is new to that cache is looked up in the
  /// list of loaded modules, under the dynamic linker's lock.
  ///
  /// - Parameter buffer: One place is needed for a frame of the library: at most `buffer.count` - 1 addresses are found.
  /// - Returns: How many were written; 0 if libunwind cannot be loaded, and ``prepare()`` says why.
  /// - Complexity: O(frames), about 10 ns a frame that has been seen before on this thread.
  @_transparent
  public static func captureRaw(into buffer: UnsafeMutableBufferPointer<UInt>) -> Int {
    unsafe ft_unwind_raw(
      UnsafeMutableRawPointer(buffer.baseAddress)?.assumingMemoryBound(to: UnsafeMutableRawPointer?.self), buffer.count)
  }

  /// Takes over the frames of `walk`.
  @usableFromInline
  init(_ walk: ft_unwind_walk) throws(FiberError) {
    defer { unsafe free(walk.frames) }
    switch unsafe ft_unwind_end(walk.end) {
    case FT_UNWIND_UNAVAILABLE:
      try Backtrace.prepare()
      end = .outermost
    case FT_UNWIND_NO_MEMORY:
      let reason = unsafe String(cString: strerror(walk.error))
      throw unsafe FiberError(.outOfMemory, "no memory for a backtrace of more than \(walk.count) frames: \(reason)")
    case FT_UNWIND_LIMIT: end = .limit
    case FT_UNWIND_OUTERMOST: end = .outermost
    default: end = unsafe .failed("libunwind cannot unwind the last frame: error \(walk.error)")
    }

    let start = unsafe ft_own_registry().pointee.start_low..<ft_own_registry().pointee.start_high
    frames = unsafe UnsafeBufferPointer(start: walk.frames, count: walk.count).map { frame in
      Frame(
        // A fiber's first frame is a signal frame to libunwind, so the frame after it counts as interrupted, too.
        address: frame.interrupted != 0 ? .programCounter(UInt(frame.pc)) : .returnAddress(UInt(frame.pc)),
        fiber: start.contains(frame.pc) ? FiberIdentity(base: frame.frame_pointer) : nil)
    }
  }
}

extension FiberIdentity {
  /// The fiber whose first frame has the frame pointer `base`; see "stack layout" in CFiberAsm.h. Nil for 0, where that is not
  /// known.
  fileprivate init?(base: UInt64) {
    guard
      base != 0,
      let record = unsafe UnsafePointer<UnsafeMutablePointer<ft_record>>(
        bitPattern: UInt(base) &+ UInt(bitPattern: Int(FT_BASE_RECORD)))
    else { return nil }
    unsafe self.init(UnsafeFiberRecord(record.pointee))
  }
}
