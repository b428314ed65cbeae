/// The frames of a stack, and of those it continues on: a fiber's trace goes on with its resumer's.
///
/// A trace is a view: its frames are kept once for the whole dump.
public struct Trace: Sendable {
  /// Runs of frames on one stack, the innermost first. Each stack resumed the one before it.
  public let segments: [TraceSegment]
  /// Numbers of frames left out from the middle of a deep trace.
  public let omitted: Range<Int>
  /// Why there are no more frames.
  public let end: Walk.End
  /// Numbers in `table` of all frames, those left out included.
  let stack: [UInt32]
  let table: FrameTable

  /// The walk did not reach the end of the stack.
  public var isBroken: Bool { end != .outermost }

  /// The frames that are shown, from the innermost outwards.
  public var frames: some Sequence<TraceFrame> { frames(in: 0..<stack.count) }

  /// The frames of a segment, without those left out.
  public func frames(of segment: TraceSegment) -> some Sequence<TraceFrame> { frames(in: segment.numbers) }

  private func frames(in range: Range<Int>) -> some Sequence<TraceFrame> {
    let (stack, table) = (stack, table)
    return shownNumbers(in: range).lazy.map { TraceFrame(number: $0, index: stack[$0], table: table) }
  }

  /// The numbers in `range` that are not left out.
  func shownNumbers(in range: Range<Int>) -> some Sequence<Int> {
    let before = range.clamped(to: 0..<omitted.lowerBound)
    let after = range.clamped(to: omitted.upperBound..<max(omitted.upperBound, stack.count))
    return [before, after].lazy.joined()
  }
}

/// The frames of one stack in a trace.
public struct TraceSegment: Sendable {
  /// Whose stack it is.
  public var owner: StackOwner
  /// Numbers of its frames within the trace, from 0, those left out included.
  public var numbers: Range<Int>
}

/// Whose stack frames lie on.
public enum StackOwner: Sendable, Hashable {
  /// A thread's own.
  case thread(Int32)
  /// A fiber's.
  case fiber(FiberReference)
  /// A fiber's that is in no registry, by the address of its base.
  case unregistered(base: UInt64)
  /// Unknown: a walk went on past a fiber that no thread runs.
  case unknown
}

/// A frame of a trace with its names.
public struct TraceFrame: Sendable {
  /// Its number within the trace, from 0.
  public let number: Int
  /// Its number in the table.
  let index: UInt32
  let table: FrameTable

  /// Its pc, and how it is to be read.
  public var programCounter: WalkedFrame.ProgramCounter { table.frames[Int(index)].programCounter }
  /// How it was found.
  public var found: WalkedFrame.Found { table.frames[Int(index)].found }
  /// It follows from a frame that was found by a scan: a guess, however it was found itself.
  public var restsOnScan: Bool { table.frames[Int(index)].restsOnScan }
  /// Functions, module and lines.
  public var location: Location { table.location(of: index) }
}
