/// Makes traces of walks: divides them by stack, leaves out the middle of deep ones, and names the rest.
struct TraceBuilder {
  /// Frames shown of a trace.
  let limit: Int
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

  /// The trace of a divided walk.
  func trace(of walk: Walk, divided stretches: [Stretch], by locations: inout some LocationSource) -> Trace {
    let omitted = omitted(of: walk.frames.count)
    let segments = stretches.map { stretch in
      let shown = stretch.numbers.filter { !omitted.contains($0) }
      return TraceSegment(
        owner: stretch.owner, numbers: stretch.numbers,
        frames: shown.map { number in
          let frame = walk.frames[number]
          return TraceFrame(
            number: number, frame: frame, location: locations.location(of: frame.programCounter.lookup))
        })
    }
    return Trace(segments: segments, omitted: omitted, end: walk.end)
  }

  /// What is left out of `count` frames: of a recursion both ends tell something, the outer one who began it.
  private func omitted(of count: Int) -> Range<Int> {
    guard count > limit else { return 0..<0 }
    let outer = limit / 4
    return (limit - outer)..<(count - outer)
  }
}
