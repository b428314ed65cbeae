/// How many frames of a stack are shown; a deeper one loses its middle.
public struct FrameLimit: Sendable, Hashable {
  /// The most frames, at least 1.
  public let frames: Int
  /// The fiber runtime's own innermost frames count too. Otherwise these, which text shows as one line, are shown besides: every
  /// suspended fiber begins with them, and what it waits in is behind them.
  public let countsRuntime: Bool

  /// A limit of at least 1 frame.
  public init(_ frames: Int = 256, countsRuntime: Bool = false) {
    self.frames = max(1, frames)
    self.countsRuntime = countsRuntime
  }
}
