internal import CFiberAsm
internal import CallFrameInfo

/// A thread that stands still, as far as its stack is concerned.
struct ThreadStack {
  let thread: Int32
  let stackPointer: UInt64
  let framePointer: UInt64
  /// An address on the stack that the thread was started on, nil if unknown.
  let home: UInt64?
}

/// The fibers of a process by address.
struct FiberStacks {
  /// A fiber's frames lie in `range`.
  struct Stack {
    let range: Range<UInt64>
    let record: FiberRecord
    /// Index of its registry.
    let registry: Int
  }

  /// By ascending low end. Hostile records may overlap; then some are not found, no more.
  let stacks: [Stack]
  private let layouts: [RegistryLayout]

  init(_ tables: [RegistryTable]) {
    layouts = tables.map(\.head.layout)
    var stacks: [Stack] = []
    stacks.reserveCapacity(tables.reduce(0) { $0 + $1.records.count })
    for (registry, table) in tables.enumerated() {
      for record in table.records {
        let top = record.top(table.head.layout)
        if record.low < top { stacks.append(Stack(range: record.low..<top, record: record, registry: registry)) }
      }
    }
    stacks.sort { $0.range.lowerBound < $1.range.lowerBound }
    self.stacks = stacks
  }

  /// What the registry of `stack` says of its layout.
  func layout(of stack: Stack) -> RegistryLayout { layouts[stack.registry] }

  /// The fiber on whose stack `address` lies. O(log n).
  func index(holding address: UInt64) -> Int? {
    let index = stacks.firstIndexAbove(address, by: \.range.lowerBound) - 1
    return index >= 0 && stacks[index].range.contains(address) ? index : nil
  }
}

extension StackPlan {
  /// A thread's stack, those of the fibers it runs, and the stack it was started on.
  ///
  /// - Parameter link: the word at a base, read from the stopped process.
  mutating func add(_ thread: ThreadStack, fibers: FiberStacks, link: (UInt64) -> UInt64?) {
    let name = "the stack of thread \(thread.thread)"
    if !follow(thread.stackPointer, slack: Self.redZone, fibers: fibers, link: link, stack: name, isStack: true) {
      problems.append(
        Problem(
          "thread \(thread.thread): rsp \(hexadecimal(thread.stackPointer)) is in no readable memory: "
            + "its trace is incomplete"))
    }
    // Half way through a suspend rbp is on the resumer's stack already, while the link is cut.
    _ = follow(thread.framePointer, slack: 16, fibers: fibers, link: link, stack: name, isStack: false)
    guard let home = thread.home, let mapping = maps.readable(holding: home),
      !mapping.contains(thread.stackPointer)
    else { return }
    // On a fiber or an alternate signal stack: where the frames below end is not known.
    add(mapping.lowerBound, to: mapping.upperBound, stack: name)
  }

  /// Adds the stack that holds `start` from there up, then its resumer's, and so on. False if `start` is in no memory.
  ///
  /// - Parameter isStack: `start` is a stack pointer, so that even a mapping nothing is known of is a stack.
  private mutating func follow(
    _ start: UInt64, slack: UInt64, fibers: FiberStacks, link: (UInt64) -> UInt64?, stack: String, isStack: Bool
  ) -> Bool {
    var address = start
    var slack = slack
    var isStack = isStack
    var visited: Set<Int> = []
    while let index = fibers.index(holding: address), visited.insert(index).inserted {
      reached.insert(index)
      let fiber = fibers.stacks[index]
      let low = max(fiber.range.lowerBound, address.saturatingSubtracting(slack))
      add(low, to: fiber.range.upperBound, stack: "the stack of fiber #\(fiber.record.id)")
      let layout = fibers.layout(of: fiber)
      guard layout.hasLink, let next = link(fiber.record.base), next != layout.endRecord else {
        return true
      }
      address = next
      // resume pushes two words below what the link points to.
      slack = 16
      isStack = true
    }
    guard isStack, fibers.index(holding: address) == nil, let mapping = maps.readable(holding: address) else {
      return address != start
    }
    add(max(mapping.lowerBound, address.saturatingSubtracting(slack)), to: mapping.upperBound, stack: stack)
    return true
  }

  /// The whole stacks of fibers that are on a thread by their records and were found from no thread's registers: a signal
  /// handler runs on an alternate stack, or rsp lies in the guard.
  mutating func addUnreached(_ fibers: FiberStacks) {
    for (index, fiber) in fibers.stacks.enumerated() where fiber.record.isOnThread && !reached.contains(index) {
      add(fiber.range.lowerBound, to: fiber.range.upperBound, stack: "the stack of fiber #\(fiber.record.id)")
    }
  }

  /// The live part of a fiber that does not run, the words at its base, and what its record points to.
  mutating func add(_ record: FiberRecord, layout: RegistryLayout) {
    if let live = Self.live(record, layout) {
      add(live.lowerBound, to: live.upperBound, stack: "the stack of fiber #\(record.id)")
    }
    let first = record.base.saturatingSubtracting(UInt64(-FT_BASE_FIRST_FRAME))
    addData(at: first, size: UInt64(FT_BASE_TOP_SIZE - FT_BASE_FIRST_FRAME))
    addString(at: record.name)
    addString(at: record.wait)
  }

  /// The stack of a fiber from its saved sp to its top, with the red zone; nil if the record makes no sense.
  static func live(_ record: FiberRecord, _ layout: RegistryLayout) -> Range<UInt64>? {
    guard record.low < record.base, (record.low...record.base).contains(record.stackPointer) else { return nil }
    return max(record.low, record.stackPointer.saturatingSubtracting(Self.redZone))..<record.top(layout)
  }
}
