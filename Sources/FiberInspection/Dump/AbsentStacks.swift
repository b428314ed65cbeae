/// Fibers whose records are there and whose stacks are not: counted, since there may be a hundred thousand of them.
struct AbsentStacks {
  private let isCore: Bool
  private var count = 0
  private var first: UInt64?

  init(_ source: Snapshot.Source) {
    if case .core = source { isCore = true } else { isCore = false }
  }

  /// Nothing is known of a suspended fiber's frames: its saved words could not be read, or zeros stand in their place in a core.
  ///
  /// gcore (gdb 13.1, `gcore_copy_callback`) reads a mapping 1 MiB at a time. At the first page that it cannot read, such as a guard
  /// by MADV_GUARD_INSTALL, it gives up the rest of the mapping, which is then a hole in the core: zeros. No suspended fiber has a
  /// zero return address and a zero link.
  func isAbsent(_ fiber: FiberSnapshot, memory: any MemoryReader) -> Bool {
    let words = [fiber.savedStackPointer, fiber.savedStackPointer &+ 8].map(memory.word)
    if words[0] == nil || words[1] == nil { return true }
    return isCore && words == [0, 0] && (fiber.link ?? 0) == 0
  }

  /// Counts a fiber and answers the line that stands with it.
  mutating func add(_ fiber: FiberSnapshot) -> String {
    count += 1
    if first == nil { first = fiber.id }
    guard isCore else { return "its stack is not in the snapshot: it could not be copied" }
    return "its stack is not in the core (gcore loses stacks with guards in their mapping): "
      + "take the kernel's core, or dump the live process"
  }

  /// One line for all of them.
  var problem: Problem? {
    guard let first else { return nil }
    let whose =
      count == 1 ? "the stack of fiber #\(first) is" : "the stacks of \(count) fibers, #\(first) the first, are"
    guard isCore else { return Problem("\(whose) not in the snapshot: the memory could not be copied") }
    return Problem(
      "\(whose) not in the core: gcore loses stacks with guards in their mapping (MADV_GUARD_INSTALL), which the kernel's own "
        + "core keeps: take that (ulimit -c unlimited, then kill -ABRT), or dump the process while it lives")
  }
}
