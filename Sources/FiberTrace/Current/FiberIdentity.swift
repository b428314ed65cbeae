/// Which fiber: its id and its name, also after its end and on any thread.
public struct FiberIdentity: Sendable, Hashable, Identifiable, CustomStringConvertible {
  /// Its id, unique in this copy of the library for the life of the process.
  public let id: UInt64
  /// The name it was created with, nil if it has none.
  public let name: String?

  /// `fiber #3 "name"`, as errors, backtraces and dumps call it.
  public var description: String { fiberTitle(id: id, name: name) }
}

extension FiberIdentity {
  init(_ record: UnsafeFiberRecord) {
    unsafe self.init(id: record.id, name: record.name)
  }
}
