/// Makes traces of walks: divides them by stack.
struct TraceBuilder {
  let bases: FiberBases

  /// A run of frames of one walk on one stack.
  struct Stretch {
    var owner: StackOwner
    var key: FiberBases.Key?
    var numbers: Range<Int>
  }

  /// A walk that ends in the runtime's end frame is whole, even where no unwind information says so: the frame is found by
  /// its address.
  func completed(_ walk: Walk) -> Walk {
    guard let last = walk.frames.last, bases.isEnd(last) else { return walk }
    return Walk(frames: walk.frames, end: .outermost)
  }

  /// Divides a walk at the base frames in it; what follows the last is `root`'s.
  func stretches(of walk: Walk, root: StackOwner) -> [Stretch] {
    var result: [Stretch] = []
    var start = 0
    for (number, frame) in walk.frames.enumerated() {
      switch bases.base(of: frame) {
      case .fiber(let key):
        result.append(Stretch(owner: .fiber(bases.reference(key)), key: key, numbers: start..<number + 1))
      case .unregistered(let base):
        result.append(Stretch(owner: .unregistered(base: base), key: nil, numbers: start..<number + 1))
      case nil:
        continue
      }
      start = number + 1
    }
    guard start < walk.frames.count else { return result }
    let rest = start..<walk.frames.count
    // The frame beyond a fiber that does not run is no stack of its own.
    if !result.isEmpty, bases.isEnd(walk.frames[start]) {
      result[result.count - 1].numbers = result[result.count - 1].numbers.lowerBound..<rest.upperBound
    } else {
      // Past a link that leads elsewhere than to a resumer nothing says whose frames these are.
      let isSound = result.last?.key.map { bases.isResumer(walk.frames[start], of: $0) } ?? true
      result.append(Stretch(owner: isSound ? root : .unknown, key: nil, numbers: rest))
    }
    return result
  }

  /// The trace of a divided walk, its frames in `frames`.
  func trace(of walk: Walk, divided stretches: [Stretch], in frames: inout FrameCollection) -> TraceDraft {
    TraceDraft(
      segments: stretches.map { TraceSegment(owner: $0.owner, numbers: $0.numbers) }, end: walk.end,
      stack: frames.intern(walk.frames[...]))
  }

  /// The trace of a fiber that is on a thread, from that thread's walk.
  func trace(of part: ThreadPart, in frames: inout FrameCollection) -> TraceDraft {
    TraceDraft(
      segments: [TraceSegment(owner: part.owner, numbers: 0..<part.frames.count)], end: part.end,
      stack: frames.intern(part.frames))
  }

  /// The parts of a thread's walk that are fibers' stacks.
  func parts(of walk: Walk, divided stretches: [Stretch]) -> [(key: FiberBases.Key, part: ThreadPart)] {
    stretches.enumerated().compactMap { number, stretch in
      guard let key = stretch.key else { return nil }
      let resumer = number + 1 < stretches.count ? stretches[number + 1].owner : nil
      let part = ThreadPart(
        owner: stretch.owner, frames: walk.frames[stretch.numbers], resumer: resumer,
        end: resumer == nil ? walk.end : .outermost)
      return (key, part)
    }
  }
}

/// The part of a thread's walk that lies on a fiber's stack.
struct ThreadPart {
  var owner: StackOwner
  var frames: ArraySlice<WalkedFrame>
  /// Whose stack comes next, nil if the walk ends.
  var resumer: StackOwner?
  /// Why the fiber's frames end; the outermost frame is the fiber's base.
  var end: Walk.End
}

/// A trace whose frames have no names yet.
struct TraceDraft {
  var segments: [TraceSegment]
  /// Numbers of frames left out, once `limit` has said so.
  private(set) var omitted = 0..<0
  var end: Walk.End
  var stack: [UInt32]

  init(segments: [TraceSegment], end: Walk.End, stack: [UInt32]) {
    self.segments = segments
    self.end = end
    self.stack = stack
  }

  /// Leaves out what `limit` does not show, before the others are named.
  mutating func limit(to limit: FrameLimit, in naming: inout FrameNaming, by locations: inout some LocationSource) {
    omitted = naming.omission(
      from: stack, innermost: segments.first?.numbers.upperBound ?? 0, limit: limit, by: &locations)
  }

  func trace(in table: FrameTable) -> Trace {
    Trace(segments: segments, omitted: omitted, end: end, stack: stack, table: table)
  }
}
