@testable import FiberInspection

/// Follows frame pointers through a snapshot. Programs of these tests have them throughout.
struct FrameChain {
  /// Frame pointers met, the start first.
  private(set) var frames: [UInt64] = []

  /// From the frame pointer `start` on until `end` or memory that is not there, at most `limit` frames.
  init(_ snapshot: Snapshot, from start: UInt64, to end: UInt64? = nil, limit: Int = 100) {
    var pointer = start
    while pointer != 0, frames.count < limit, let next = snapshot.memory.word(at: pointer) {
      frames.append(pointer)
      if pointer == end { return }
      pointer = next
    }
  }
}

extension Snapshot {
  /// The fiber with this id, in the only registry.
  func fiber(_ id: UInt64) -> FiberSnapshot? {
    registries.first?.fibers.first { $0.id == id }
  }

  /// All of a suspended fiber's frames are in the snapshot, from its saved sp to its base.
  func holdsFrames(of fiber: FiberSnapshot) -> Bool {
    FrameChain(self, from: fiber.savedStackPointer, to: fiber.base).frames.last == fiber.base
  }
}
