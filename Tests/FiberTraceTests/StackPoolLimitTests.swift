import FiberTrace
import Foundation
import Testing

@Suite(
  "A pool of stacks at the limits of the system",
  .enabled(if: Sanitizer.isNone, "sanitizers map memory of their own beside each stack"))
struct StackPoolLimitTests {
  @Test(
    "has 100,000 stacks in fewer than 300 mappings, and no more when every second goes and comes again",
    .enabled(if: hasLightweightGuards, "needs Linux 6.13"))
  func mappings() async {
    await #expect(processExitsWith: .success) {
      let before = try mappingCount()
      let pool = try FiberStackPool(guard: .lightweight)
      var stacks: [Keeper?] = try (0..<100_000).map { _ in try Keeper(pool: pool) }
      guard try mappingCount() - before < 300 else { exit(2) }
      for index in stride(from: 0, to: stacks.count, by: 2) { stacks[index] = nil }
      guard try mappingCount() - before < 300 else { exit(3) }
      for index in stride(from: 0, to: stacks.count, by: 2) { stacks[index] = try Keeper(pool: pool) }
      guard try mappingCount() - before < 300, pool.statistics.stacks == 100_000 else { exit(4) }
      stacks.removeAll()
      pool.trim()
      exit(try mappingCount() - before < 10 ? 0 : 5)
    }
  }

  @Test("says that memory is exhausted, and goes on with the stacks that it has")
  func addressSpace() async {
    await #expect(processExitsWith: .success) {
      let pool = try FiberStackPool(stackSize: 1 << 20, guard: .mapping)
      limitAddressSpace(more: 256 << 20)
      var stacks: [Keeper] = []
      var error: FiberError?
      while error == nil {
        do { stacks.append(try Keeper(pool: pool)) } catch let refusal as FiberError { error = refusal }
      }
      // A slab that no longer fits is made smaller: nearly all of the space is used.
      guard error?.code == .outOfMemory, stacks.count > 200 else { exit(2) }
      guard error?.description.contains("\n") == false else { exit(3) }
      let count = stacks.count
      stacks.removeLast(100)
      do {
        let fibers = try (0..<100).map { number in try Fiber<Void, Never, Int>(pool: pool) { _, _ in number } }
        for (number, fiber) in fibers.enumerated() {
          guard try fiber.resume() == .returned(number) else { exit(4) }
        }
        guard fiberError({ _ = try pool.take() })?.code == .outOfMemory else { exit(5) }
      }
      stacks.removeAll()
      guard pool.statistics.stacks == count, pool.statistics.inUse == 0 else { exit(6) }
      pool.trim()
      exit(pool.statistics.stacks == 0 ? 0 : 7)
    }
  }

  @Test("has guards of mappings where the system refuses marks")
  func withoutMarks() async {
    await #expect(processExitsWith: .success) {
      // Locked memory cannot have them, on any kernel. 4: MCL_ONFAULT.
      guard mlockall(Int32(MCL_FUTURE) | 4) == 0 else { exit(2) }
      let marks = try FiberStackPool(stackSize: 4096, guard: .lightweight)
      guard fiberError({ _ = try marks.take() })?.code == .guardUnavailable else { exit(3) }
      let pool = try FiberStackPool(stackSize: 4096)
      let stacks = try (0..<20_000).map { _ in try Keeper(pool: pool) }
      exit(stacks.allSatisfy { $0.stack.guard == .mapping } ? 0 : 4)
    }
  }
}
