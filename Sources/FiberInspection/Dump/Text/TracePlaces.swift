/// Where in threads' traces the frames of fibers are.
struct TracePlaces {
  private var places: [FiberReference: String] = [:]

  init(_ threads: [ThreadDump]) {
    for thread in threads {
      for segment in thread.trace?.segments ?? [] {
        guard case .fiber(let fiber) = segment.owner, places[fiber] == nil else { continue }
        let (first, last) = (segment.numbers.lowerBound, segment.numbers.upperBound - 1)
        places[fiber] = first == last ? "\(first) of thread \(thread.id)" : "\(first) to \(last) of thread \(thread.id)"
      }
    }
  }

  /// "0 to 9 of thread 4711".
  func place(of fiber: FiberReference) -> String? { places[fiber] }
}
