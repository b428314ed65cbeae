/// What shows that the stack of a fiber has overflowed.
public enum StackOverflow: Sendable, Equatable {
  /// sp lies so many bytes below the low end of the stack.
  case below(UInt64)
  /// sp lies so many bytes above the low end, fewer than the red zone has, and a fault of memory was met there. A call or a push
  /// at the low end faults before it moves sp.
  case exhausted(left: UInt64)

  /// How far below the low end sp is taken for that stack's: the runtime's guard of 64 KiB, and a page.
  static let reach: UInt64 = (64 << 10) + 4096

  /// The state of a stack from `low` up with its sp at `stackPointer`; nil if that has room, or is elsewhere.
  ///
  /// - Parameter faulted: a fault of memory was met there.
  init?(stackPointer: UInt64, low: UInt64, faulted: Bool) {
    // The psABI's red zone: what a function without calls uses below sp.
    let redZone: UInt64 = 128
    if stackPointer < low, low - stackPointer <= Self.reach {
      self = .below(low - stackPointer)
    } else if faulted, stackPointer >= low, stackPointer - low < redZone {
      self = .exhausted(left: stackPointer - low)
    } else {
      return nil
    }
  }
}

/// The signal comes with a fault of memory: SIGBUS (7) or SIGSEGV (11).
func isFault(_ signal: Int32) -> Bool { signal == 7 || signal == 11 }
