extension Fiber: CustomStringConvertible {
  /// `fiber #3 "name"`, as errors, backtraces and dumps call it.
  public var description: String { fiberTitle(id: id, name: name) }
}

extension MovableFiber: CustomStringConvertible {
  /// `fiber #3 "name"`, as errors, backtraces and dumps call it.
  public var description: String { fiberTitle(id: id, name: name) }
}
