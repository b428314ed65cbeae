internal import CFiberAsm

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
    let layout: RegistryLayout
  }

  /// By ascending low end. Hostile records may overlap; then some are not found, no more.
  let stacks: [Stack]

  init(_ tables: [RegistryTable]) {
    stacks = tables.flatMap { table in
      table.records.compactMap { record -> Stack? in
        let top = record.top(table.head.layout)
        return record.low < top ? Stack(range: record.low..<top, record: record, layout: table.head.layout) : nil
      }
    }.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }

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
      guard fiber.layout.hasLink, let next = link(fiber.record.base), next != fiber.layout.endRecord else {
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
    let top = record.top(layout)
    if record.low < record.base, (record.low...record.base).contains(record.stackPointer) {
      let low = max(record.low, record.stackPointer.saturatingSubtracting(Self.redZone))
      add(low, to: top, stack: "the stack of fiber #\(record.id)")
    }
    addData(
      at: record.base.saturatingSubtracting(UInt64(-FT_BASE_FIRST_FRAME)),
      size: UInt64(FT_BASE_TOP_SIZE - FT_BASE_FIRST_FRAME))
    if record.name != 0 { addData(at: record.name, size: Self.stringLimit) }
    if record.wait != 0 { addData(at: record.wait, size: Self.stringLimit) }
  }
}
