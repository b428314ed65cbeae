/// The frames of a stack, and of those it continues on: a fiber's trace goes on with its resumer's.
public struct Trace: Sendable {
  /// Runs of frames on one stack, the innermost first. Each stack resumed the one before it.
  public var segments: [TraceSegment]
  /// Numbers of frames left out from the middle of a deep trace.
  public var omitted: Range<Int>
  /// Why there are no more frames.
  public var end: Walk.End

  /// A trace.
  public init(segments: [TraceSegment], omitted: Range<Int> = 0..<0, end: Walk.End) {
    self.segments = segments
    self.omitted = omitted
    self.end = end
  }

  /// The walk did not reach the end of the stack.
  public var isBroken: Bool { end != .outermost }
}

/// The frames of one stack in a trace.
public struct TraceSegment: Sendable {
  /// Whose stack it is.
  public var owner: StackOwner
  /// Numbers of its frames within the trace, from 0, those left out included.
  public var numbers: Range<Int>
  /// Its frames, without those left out.
  public var frames: [TraceFrame]

  /// A segment.
  public init(owner: StackOwner, numbers: Range<Int>, frames: [TraceFrame]) {
    self.owner = owner
    self.numbers = numbers
    self.frames = frames
  }
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

/// A frame with its names.
public struct TraceFrame: Sendable {
  /// Its number within the trace, from 0.
  public var number: Int
  /// Its pc and how it was found.
  public var frame: WalkedFrame
  /// Functions, module and lines.
  public var location: Location

  /// A frame.
  public init(number: Int, frame: WalkedFrame, location: Location) {
    self.number = number
    self.frame = frame
    self.location = location
  }
}
