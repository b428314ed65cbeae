/// The calls that have led to a place in this process, innermost first, through fibers to the root of the thread.
///
/// The frames of a fiber are followed by those of its resumer. Between them stand the frames of `ft_fiber_start`, the first of
/// every fiber, which carries a ``Frame/fiber``, and of `ft_fiber_resume`, called by the resumer.
public struct Backtrace: Sendable, CustomStringConvertible {
  /// Physical frames, the innermost first. Inlined calls share the frame of the function they are inlined into.
  public let frames: [Frame]

  /// Why there are no more.
  public let end: End

  /// Why a backtrace ends.
  public enum End: Sendable, Hashable {
    /// The last frame is the outermost.
    case outermost
    /// There are more frames than asked for.
    case limit
    /// The walk could not go on; one line says why.
    case failed(String)
  }

  /// One frame a line: number, function with offset, module. A line of its own says where a fiber's frames end and its
  /// resumer's begin; a last line, why there are no more, if the backtrace is cut off.
  ///
  /// - Complexity: Symbols are read from the modules' files, about 0.1 ms a frame.
  public var description: String {
    var lines: [String] = []
    for (number, frame) in frames.enumerated() {
      let digits = String(number)
      lines.append(String(repeating: " ", count: max(0, 4 - digits.count)) + "\(digits)  \(frame)")
      if let fiber = frame.fiber { lines.append("   ── \(fiber) resumed by ──") }
    }
    switch end {
    case .outermost: break
    case .limit: lines.append("      and more")
    case .failed(let reason): lines.append("      \(reason)")
    }
    return lines.joined(separator: "\n")
  }
}

extension Backtrace {
  /// One frame.
  public struct Frame: Sendable, Hashable, CustomStringConvertible {
    /// Where it stands.
    public let address: Address

    /// The fiber whose first frame this is; the next frame is its resumer's. Nil in every other frame.
    public let fiber: FiberIdentity?

    /// A place in code, and how to read it.
    public enum Address: Sendable, Hashable {
      /// The next instruction to execute: a signal has come here, or a fiber begins in the frame before.
      case programCounter(UInt)
      /// The return address of a call, which is the instruction before.
      case returnAddress(UInt)

      /// The address itself.
      public var value: UInt {
        switch self {
        case .programCounter(let value), .returnAddress(let value): value
        }
      }

      /// An address in the instruction that is being executed: the one to look up functions and lines by.
      public var lookup: UInt {
        switch self {
        case .programCounter(let value): value
        case .returnAddress(let value): value &- 1
        }
      }
    }

    /// The function with offset and module, or the address where no module is known.
    ///
    /// - Complexity: That of ``symbol()``.
    public var description: String {
      symbol().map(\.description) ?? "0x\(String(address.value, radix: 16))"
    }
  }
}
