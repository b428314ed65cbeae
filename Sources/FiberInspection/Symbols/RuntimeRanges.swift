internal import CallFrameInfo

/// The functions of the fiber runtimes of a process, by address.
struct RuntimeRanges {
  private let ranges: [(range: Range<UInt64>, function: RuntimeFunction)]

  init(_ registries: [RegistrySnapshot]) {
    ranges =
      registries
      .flatMap { registry -> [(range: Range<UInt64>, function: RuntimeFunction)] in
        let layout = registry.layout
        return [
          (layout.resume, .resume), (layout.suspend, .suspend), (layout.start, .start),
          (layout.notRunning, .notRunning),
        ]
      }
      .filter { !$0.range.isEmpty }
      .sorted { $0.range.lowerBound < $1.range.lowerBound }
  }

  /// The runtime's function that holds `address`. O(log n).
  func function(at address: UInt64) -> RuntimeFunction? { functionAndOffset(at: address)?.function }

  /// The runtime's function that holds `address`, and the distance from its start.
  func functionAndOffset(at address: UInt64) -> (function: RuntimeFunction, offset: UInt64)? {
    let index = ranges.firstIndexAbove(address) { $0.range.lowerBound } - 1
    guard index >= 0, ranges[index].range.contains(address) else { return nil }
    return (ranges[index].function, address - ranges[index].range.lowerBound)
  }
}
