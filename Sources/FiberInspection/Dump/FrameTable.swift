/// The distinct frames of a dump with their places. A trace holds numbers of frames here: of a hundred thousand fibers most
/// frames are alike, and each place is named once.
final class FrameTable: Sendable {
  /// A frame without its stack.
  struct Frame: Sendable, Hashable {
    /// Its pc.
    let address: UInt64
    /// The pc is that of the next instruction, not a return address.
    let isExact: Bool
    let found: WalkedFrame.Found
    /// It follows from a frame that was found by a scan.
    let restsOnScan: Bool

    init(_ walked: WalkedFrame) {
      address = walked.programCounter.address
      if case .exact = walked.programCounter { isExact = true } else { isExact = false }
      found = walked.found
      restsOnScan = walked.restsOnScan
    }

    var programCounter: WalkedFrame.ProgramCounter { isExact ? .exact(address) : .returnAddress(address) }
  }

  /// By number.
  let frames: [Frame]
  /// For each frame the index of its location; one that is shown nowhere has none, which is 0.
  private let places: [UInt32]
  /// The first stands for none.
  private let locations: [Location]

  init(frames: [Frame], places: [UInt32], locations: [Location]) {
    self.frames = frames
    self.places = places
    self.locations = locations
  }

  /// What is known of a frame's place.
  func location(of frame: UInt32) -> Location { locations[Int(places[Int(frame)])] }
}
