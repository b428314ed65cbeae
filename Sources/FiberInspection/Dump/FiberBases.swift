/// Fibers by the address of their base frame.
struct FiberBases {
  /// A fiber's place in the snapshot.
  struct Key: Hashable {
    var registry: Int
    var index: Int
  }

  private let registries: [RegistrySnapshot]
  private var byBase: [UInt64: Key] = [:]

  init(_ registries: [RegistrySnapshot]) {
    self.registries = registries
    for (registry, snapshot) in registries.enumerated() where snapshot.layout.hasLink {
      for (index, fiber) in snapshot.fibers.enumerated() {
        // A stack may have been given to another fiber after this one finished: the one on a thread counts.
        if let known = byBase[fiber.base], registries[known.registry].fibers[known.index].isOnThread { continue }
        byBase[fiber.base] = Key(registry: registry, index: index)
      }
    }
  }

  /// What a frame is the base of.
  enum Base {
    case fiber(Key)
    case unregistered(base: UInt64)
  }

  /// The fiber whose base frame `frame` is: its pc lies in a runtime's base function, and rbp is the base.
  func base(of frame: WalkedFrame) -> Base? {
    guard let base = frame.framePointer else { return nil }
    let pc = frame.programCounter.address
    if let key = byBase[base] {
      return registries[key.registry].layout.start.contains(pc) ? .fiber(key) : nil
    }
    return registries.contains { $0.layout.start.contains(pc) } ? .unregistered(base: base) : nil
  }

  /// A reference to a fiber.
  func reference(_ key: Key) -> FiberReference {
    let fiber = registries[key.registry].fibers[key.index]
    return FiberReference(registry: key.registry, id: fiber.id, name: fiber.name)
  }

  /// Whether the frame after a fiber's base shows that its link was sound: it is the runtime's `resume`. True where the
  /// runtime does not say where that is.
  func isResumer(_ frame: WalkedFrame, of key: Key) -> Bool {
    let resume = registries[key.registry].layout.resume
    return resume.isEmpty || resume.contains(frame.programCounter.address)
  }

  /// The end frame of fibers that do not run.
  func isEnd(_ frame: WalkedFrame) -> Bool {
    registries.contains { $0.layout.notRunning.contains(frame.programCounter.address) }
  }
}
