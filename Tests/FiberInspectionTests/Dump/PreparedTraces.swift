@testable import FiberInspection

/// Locations by address.
private struct LocationTable: LocationSource {
  var locations: [UInt64: Location] = [:]
  let problems: [Problem] = []

  mutating func location(of pc: UInt64) -> Location { locations[pc] ?? Location() }
}

extension Trace {
  /// A trace on one thread's stack, of frames with these locations, innermost first.
  init(_ locations: [Location], found: WalkedFrame.Found = .cfi, end: Walk.End = .outermost) {
    var table = LocationTable()
    let frames = locations.enumerated().map { number, location in
      let frame = WalkedFrame.at(0x10_0000 + UInt64(number) * 0x100, found: found)
      table.locations[frame.programCounter.lookup] = location
      return frame
    }
    var collection = FrameCollection()
    let stack = collection.intern(frames[...])
    var naming = collection.naming()
    _ = naming.omission(from: stack, innermost: stack.count, limit: FrameLimit(), by: &table)
    self.init(
      segments: [TraceSegment(owner: .thread(1), numbers: 0..<frames.count)], omitted: 0..<0, end: end, stack: stack,
      table: naming.table(by: &table, progress: { _ in }))
  }
}

extension FrameText {
  /// Lines of a trace without fibers.
  func lines(of trace: Trace) -> [Substring] {
    var text = self
    return text.lines(of: trace, label: Labels([RegistryDump]()).label).split(separator: "\n")
  }
}
