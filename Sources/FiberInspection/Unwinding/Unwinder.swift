/// Something that walks a stack in a snapshot. Our rows and libdw, and in time libunwind and the frame-pointer walk, are
/// values of it.
public protocol Unwinder {
  /// Its name, as messages give it.
  var name: String { get }

  /// Walks from `registers` outwards, through fibers to a thread's root, at most `limit` frames. Ends rather than loops on
  /// damaged memory, and says why it ended. Never throws: what was found before the end is worth showing.
  mutating func walk(from registers: Registers, limit: Int) -> Walk
}

/// An unwinder that tells registers where a walk comes to another stack.
package protocol StackStartUnwinder: Unwinder {
  /// The registers of the frame after each of the frames `bases` of the walk from `registers`; nil where it is not reached.
  /// A register that no rule recovers from the base of the inner stack is not known.
  ///
  /// - Parameter bases: numbers of base frames, ascending.
  mutating func registers(beyond bases: [Int], from registers: Registers) -> [Registers?]
}

/// What an unwinder found.
public struct Walk: Sendable {
  /// Frames from the innermost outwards; the first is the start itself.
  public var frames: [WalkedFrame]
  /// Why there are no more.
  public var end: End

  /// Why a walk ends.
  public enum End: Sendable, Equatable {
    /// The outermost frame: its return address is undefined.
    case outermost
    /// `limit` frames, and there are more.
    case limit
    /// A frame that had been seen already follows.
    case cycle
    /// The walk cannot go on; one line says what failed.
    case failed(String)
  }

  /// Frames that were found elsewhere.
  package init(frames: [WalkedFrame], end: End) {
    self.frames = frames
    self.end = end
  }
}

/// One physical frame.
public struct WalkedFrame: Sendable, Equatable {
  /// How its pc is to be read.
  public enum ProgramCounter: Sendable, Equatable {
    /// The next instruction to execute: the innermost frame, or one that a signal (or fiber boundary) interrupted.
    case exact(UInt64)
    /// A return address: the call is the instruction before it. Look up `address - 1`.
    case returnAddress(UInt64)

    /// The address itself.
    public var address: UInt64 {
      switch self {
      case .exact(let address), .returnAddress(let address): address
      }
    }

    /// The address whose function, line and row describe the frame.
    public var lookup: UInt64 {
      switch self {
      case .exact(let address): address
      case .returnAddress(let address): address &- 1
      }
    }
  }

  /// How a frame was found: by its callee's CFI, or by less where that had none.
  public enum Found: String, Sendable {
    /// By call frame information (and the innermost frame, which is given).
    case cfi
    /// By following rbp.
    case fp
    /// By the word on top of the stack: its callee's pc is no code, so a call through a bad pointer has just pushed it.
    case top
    /// By the nearest word of the stack that is a return address, where neither of the former led on: a guess.
    case scan
  }

  /// Its pc.
  public var programCounter: ProgramCounter
  /// Its pc is that of the next instruction: the innermost frame, a signal's trampoline, or one that a signal interrupted.
  var isInterrupted: Bool { if case .exact = programCounter { true } else { false } }
  /// rsp in this frame, nil if unknown.
  public var stackPointer: UInt64?
  /// rbp in this frame, nil if unknown. In a fiber's base frame it is the base.
  public var framePointer: UInt64?
  /// How it was found.
  public var found: Found
  /// A frame further in was found by a scan, and so all that follows from it is a guess.
  public var restsOnScan = false

  package init(
    programCounter: ProgramCounter, stackPointer: UInt64?, framePointer: UInt64?, found: Found,
    restsOnScan: Bool = false
  ) {
    self.programCounter = programCounter
    self.stackPointer = stackPointer
    self.framePointer = framePointer
    self.found = found
    self.restsOnScan = restsOnScan
  }
}
