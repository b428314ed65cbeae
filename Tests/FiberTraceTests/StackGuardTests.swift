import CFiberAsm
import CFiberTraceFixtures
import FiberTrace
import Foundation
import Testing

/// Linux 6.13 and later.
let hasLightweightGuards = (try? Keeper(size: 1, guard: .lightweight)) != nil

/// `vm.max_map_count`, where it is small enough to be reached by a test.
private let mappingLimit: Int? = {
  let text = try? String(contentsOfFile: "/proc/sys/vm/max_map_count", encoding: .utf8)
  return text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }.flatMap { $0 <= 100_000 ? $0 : nil }
}()

/// Makes stacks of one page until there is no room for more; answers them and the error.
private func fill(guard kind: FiberStack.Guard) -> ([Keeper], FiberError?) {
  var stacks: [Keeper] = []
  while true {
    do {
      stacks.append(try Keeper(size: 1, guard: kind))
    } catch {
      return (stacks, error as? FiberError)
    }
  }
}

@Suite("The guard of a stack")
struct StackGuardTests {
  @Test("is a mapping where there are few stacks")
  func few() throws {
    #expect(try Keeper(size: 1, guard: .automatic).stack.guard == .mapping)
    #expect(try Keeper(size: 1, guard: .mapping).stack.guard == .mapping)
  }

  @Test(
    "ends the process that touches it, whatever it is made of, from its highest byte to its lowest",
    .enabled(if: hasLightweightGuards, "needs Linux 6.13"),
    arguments: [1, 4096, 65536], [false, true])
  func cannotBeTouched(distance: UInt64, isLightweight: Bool) async {
    await #expect(processExitsWith: .signal(SIGSEGV)) { [distance, isLightweight] in
      let stack = try FiberStack(size: 10_000, guard: isLightweight ? .lightweight : .mapping)
      guard stack.guard == (isLightweight ? .lightweight : .mapping) else { exit(1) }
      let fiber = try Fiber<Void, Void, Void>(stack: stack) { suspend, _ in try suspend() }
      let record = try #require(publishedRecord(id: fiber.id))
      touch(record.low)
      for page in stride(from: record.low - 65536, to: record.low, by: 4096) { fixture_map_page(page) }
      touch(record.low - distance)
    }
  }

  @Test("of marks stops an overflow", .enabled(if: hasLightweightGuards, "needs Linux 6.13"))
  func overflow() async {
    await #expect(processExitsWith: .signal(SIGSEGV)) {
      // Stacks on both sides: without the guard the overflow would run on through the next one.
      let neighbours = try (0..<8).map { _ in try Keeper(size: 65536, guard: .lightweight) }
      let stack = try FiberStack(size: 65536, guard: .lightweight)
      let fiber = try Fiber<Void, Never, UInt64>(stack: stack) { _, _ in fixture_recurse(4) }
      _ = try fiber.resume()
      withExtendedLifetime(neighbours) {}
    }
  }

  @Test(
    "of marks takes no mapping: 100,000 stacks have fewer than 100",
    .enabled(if: Sanitizer.isNone, "sanitizers map memory of their own beside each stack"),
    .enabled(if: hasLightweightGuards, "needs Linux 6.13"))
  func shareMappings() async {
    await #expect(processExitsWith: .success) {
      let before = try mappingCount()
      let stacks = try (0..<100_000).map { _ in try Keeper(size: 4096, guard: .lightweight) }
      let taken = try mappingCount() - before
      guard stacks.allSatisfy({ $0.stack.guard == .lightweight }) else { exit(2) }
      exit(taken < 100 ? 0 : 3)
    }
  }

  @Test(
    "changes to marks where there are many stacks",
    .enabled(if: Sanitizer.isNone, "sanitizers map memory of their own beside each stack"),
    .enabled(if: hasLightweightGuards, "needs Linux 6.13"))
  func many() async {
    await #expect(processExitsWith: .success) {
      var stacks = try (0..<40_000).map { _ in try Keeper(size: 4096, guard: .automatic) }
      guard stacks.prefix(16_384).allSatisfy({ $0.stack.guard == .mapping }) else { exit(2) }
      guard stacks.dropFirst(16_384).allSatisfy({ $0.stack.guard == .lightweight }) else { exit(3) }
      guard try mappingCount() < 34_000 else { exit(4) }
      // With the first gone there is room for mappings again.
      stacks.removeFirst(100)
      exit(try Keeper(size: 4096, guard: .automatic).stack.guard == .mapping ? 0 : 5)
    }
  }

  @Test(
    "of mappings says at the limit what the limit is, and what to do",
    .enabled(if: Sanitizer.isNone, "sanitizers map memory of their own beside each stack"),
    .enabled(if: mappingLimit != nil, "needs a vm.max_map_count that can be reached"))
  func limit() async {
    await #expect(processExitsWith: .success) {
      let (stacks, error) = fill(guard: .mapping)
      let text = error?.description ?? ""
      guard stacks.count > 16_384, error?.code == .outOfMemory else { exit(2) }
      guard text.contains("the system allows \(mappingLimit ?? 0);") else { exit(3) }
      guard text.contains("raise vm.max_map_count") && text.contains("FiberStack.Guard.lightweight") else { exit(4) }
      exit(text.contains("\n") ? 5 : 0)
    }
  }

  @Test(
    "of marks is refused where the system has none, and mappings take its place where that was left open",
    .enabled(if: Sanitizer.isNone, "sanitizers map memory of their own beside each stack"),
    .enabled(if: mappingLimit != nil, "needs a vm.max_map_count that can be reached"))
  func withoutMarks() async {
    await #expect(processExitsWith: .success) {
      // Locked memory cannot have them, on any kernel. 4: MCL_ONFAULT, without which each mapping would be filled with pages.
      guard mlockall(Int32(MCL_FUTURE) | 4) == 0 else { exit(2) }
      let refusal = fiberError { _ = try FiberStack(size: 1, guard: .lightweight) }
      guard refusal?.code == .guardUnavailable, refusal?.description.contains("Linux 6.13") == true else { exit(3) }
      let (stacks, error) = fill(guard: .automatic)
      guard stacks.count > 16_384, stacks.allSatisfy({ $0.stack.guard == .mapping }) else { exit(4) }
      let text = error?.description ?? ""
      exit(
        error?.code == .outOfMemory && text.contains("raise vm.max_map_count") && text.contains("Linux 6.13") ? 0 : 5)
    }
  }

  @Test(
    "of marks lets stacks go in any order: their memory is unmapped, and taken again",
    .enabled(if: Sanitizer.isNone, "sanitizers map memory of their own beside each stack"),
    .enabled(if: hasLightweightGuards, "needs Linux 6.13"))
  func anyOrder() async {
    await #expect(processExitsWith: .success) {
      let before = try mappingCount()
      var stacks: [Keeper?] = try (0..<40_000).map { _ in try Keeper(size: 4096, guard: .lightweight) }
      let whole = try mappingCount()
      // Every second goes: each leaves a hole in the middle of a mapping.
      for index in stride(from: 0, to: stacks.count, by: 2) { stacks[index] = nil }
      guard try mappingCount() > 19_000 else { exit(2) }
      for index in stride(from: 0, to: stacks.count, by: 2) {
        stacks[index] = try Keeper(size: 4096, guard: .lightweight)
      }
      guard try mappingCount() < whole + 100 else { exit(3) }
      stacks.removeAll()
      exit(try mappingCount() < before + 100 ? 0 : 4)
    }
  }
}
