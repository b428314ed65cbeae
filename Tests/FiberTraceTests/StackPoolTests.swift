import CFiberAsm
import CFiberTraceFixtures
import FiberTrace
import Foundation
import Synchronization
import Testing

@Suite("A pool of stacks")
struct StackPoolTests {
  @Test("hands out the stack that was given back last")
  func lastFirst() throws {
    let pool = try FiberStackPool(stackSize: 10_000)
    #expect(pool.stackSize == 12_288)
    var first: Fiber? = try Fiber<Void, Void, Void>(pool: pool) { suspend, _ in try suspend() }
    var second: Fiber? = try Fiber<Void, Void, Void>(pool: pool) { suspend, _ in try suspend() }
    let lows = [first, second].map { publishedRecord(id: $0?.id ?? 0)?.low ?? 0 }
    #expect(lows[0] != lows[1])
    #expect(pool.statistics.inUse == 2)
    second = nil
    first = nil
    #expect(pool.statistics.inUse == 0 && pool.statistics.idleWithPages == 2)
    for _ in 0..<2 {
      let third = try Fiber<Void, Void, Void>(pool: pool) { _, _ in }
      #expect(try #require(publishedRecord(id: third.id)).low == lows[0])
      let fourth = try Fiber<Void, Void, Void>(pool: pool) { _, _ in }
      #expect(try #require(publishedRecord(id: fourth.id)).low == lows[1])
    }
    #expect(pool.statistics.stacks == 2 && pool.statistics.reuses == 4)
  }

  @Test("refuses sizes as a stack does", arguments: [0, -1, Int.min, Int.max])
  func sizes(size: Int) {
    #expect(fiberError { _ = try FiberStackPool(stackSize: size) }?.code == .invalidStackSize)
  }

  @Test("refuses a stack that the system cannot give, and stays usable")
  func tooLarge() throws {
    let pool = try FiberStackPool(stackSize: 1 << 47)
    for _ in 0..<3 {
      let error = fiberError { _ = try pool.take() }
      #expect(error?.code == .outOfMemory)
    }
    #expect(pool.statistics.stacks == 0)
  }

  @Test("allocates nothing once it has stacks")
  func steadyState() throws {
    let pool = try FiberStackPool()
    func round() throws {
      for _ in 0..<1000 {
        let one = try pool.take()
        let other = try pool.take()
        _ = consume one
        _ = consume other
      }
    }
    try round()
    let before = fixture_allocations()
    try round()
    #expect(fixture_allocations() == before)
  }

  @Test("keeps the pages of the idle stacks used last, up to its limit", arguments: [0, 1, 10])
  func idleLimit(limit: Int) throws {
    let pool = try FiberStackPool(stackSize: 4096, idleLimit: limit)
    var stacks = try (0..<100).map { _ in try Keeper(pool: pool) }
    #expect(pool.statistics.inUse == 100)
    stacks.removeAll()
    let statistics = pool.statistics
    #expect(statistics.inUse == 0 && statistics.stacks == 100)
    #expect(statistics.idleWithPages <= limit + min(limit, 1) && statistics.idleWithPages >= limit / 2)
  }

  @Test(
    "gives pages back to the system beyond its limit, and the rest when it is trimmed",
    .enabled(if: Sanitizer.isNone, "sanitizers map memory of their own beside each stack"))
  func givesPagesBack() async {
    await #expect(processExitsWith: .success) {
      let pool = try FiberStackPool(stackSize: 1 << 20, idleLimit: 8)
      func use(_ count: Int) throws {
        let fibers = try (0..<count).map { _ in
          try Fiber<Void, Void, UInt64>(pool: pool) { suspend, _ in
            try suspend()
            return fixture_fill(900 << 10)
          }
        }
        for fiber in fibers { _ = try fiber.resume() }
        for fiber in fibers { _ = try fiber.resume() }
      }
      try use(1)
      let few = try residentBytes()
      try use(64)
      let crowd = try residentBytes() - few
      guard crowd < 9 << 20 else { exit(2) }
      let stays = try Keeper(pool: pool)
      pool.trim()
      guard try residentBytes() - few < 1 << 20, pool.statistics.idleWithPages == 0 else { exit(3) }
      withExtendedLifetime(stays) {}
      exit(0)
    }
  }

  @Test("keeps the pages of all stacks while the number in use varies within its limit")
  func withinTheLimit() throws {
    let pool = try FiberStackPool(stackSize: 4096, idleLimit: 10)
    for _ in 0..<100 {
      var stacks = try (0..<10).map { _ in try Keeper(pool: pool) }
      #expect(pool.statistics.stacks == 10)
      stacks.removeAll()
      #expect(pool.statistics.idleWithPages == 10)
    }
  }

  @Test("unmaps the slabs that have no stack in use when it is trimmed, and maps them again when they are wanted")
  func trim() throws {
    let pool = try FiberStackPool(stackSize: 4096)
    for _ in 0..<3 {
      var stacks = try (0..<1000).map { _ in try Keeper(pool: pool) }
      pool.trim()
      #expect(pool.statistics.stacks == 1000)
      stacks.removeFirst(990)
      pool.trim()
      // The ten that are left are in one slab or two.
      #expect(pool.statistics.inUse == 10 && pool.statistics.stacks < 800)
      #expect(pool.statistics.idleWithPages == 0)
      stacks.removeAll()
      pool.trim()
      #expect(pool.statistics.stacks == 0)
    }
  }

  @Test(
    "may go before its stacks, in any order",
    .enabled(if: Sanitizer.isNone, "sanitizers map memory of their own beside each stack"))
  func outlived() async {
    await #expect(processExitsWith: .success) {
      let before = try mappingCount()
      for kept in [1, 50, 200] {
        var pool: FiberStackPool? = try FiberStackPool(stackSize: 65536)
        weak let watched = pool
        var fibers = try (0..<200).map { number in
          try Fiber<Void, Int, Int>(pool: pool ?? FiberStackPool()) { suspend, _ in
            try suspend(number)
            return number + recurse(100)
          }
        }
        fibers.removeFirst(200 - kept)
        pool = nil
        guard watched == nil else { exit(2) }
        for (place, fiber) in fibers.enumerated() {
          guard try fiber.resume() == .yielded(200 - kept + place) else { exit(3) }
        }
        for index in fibers.indices.reversed() where index.isMultiple(of: 3) { fibers.remove(at: index) }
        for fiber in fibers { guard case .returned = try fiber.resume() else { exit(4) } }
        fibers.removeAll()
      }
      exit(try mappingCount() <= before + 16 ? 0 : 5)
    }
  }

  @Test("serves four threads at once: no stack is ever in two hands", arguments: [0, 3, 64])
  func threads(idleLimit: Int) throws {
    let pool = try FiberStackPool(stackSize: 16_384, idleLimit: idleLimit)
    let failures = Atomic<Int>(0)
    let threads = (0..<4).map { seed in
      Thread {
        var random = UInt64(seed + 1)
        var held: [Fiber<Int, Int, Int>] = []
        for turn in 0..<5_000 {
          random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
          do {
            if held.count < 20, random >> 63 == 0 || held.isEmpty {
              let mark = Int(random >> 32)
              let fiber = try Fiber<Int, Int, Int>(pool: pool) { suspend, first in
                // Another owner of the same stack would overwrite it.
                try suspend(mark ^ first) ^ mark
              }
              if try fiber.resume(0) != .yielded(mark) { failures.add(1, ordering: .relaxed) }
              held.append(fiber)
            } else {
              let fiber = held.remove(at: Int(random >> 33) % held.count)
              guard case .returned = try fiber.resume(turn) else {
                failures.add(1, ordering: .relaxed)
                continue
              }
            }
            if turn % 1000 == 999 { pool.trim() }
          } catch {
            failures.add(1, ordering: .relaxed)
          }
        }
      }
    }
    for thread in threads { thread.start() }
    for thread in threads { thread.join() }
    #expect(failures.load(ordering: .relaxed) == 0)
    #expect(pool.statistics.inUse == 0)
    #expect(pool.statistics.stacks <= 80 + 16)
  }

  @Test("takes back what another thread gives, even when it is gone")
  func givenByAnotherThread() throws {
    for _ in 0..<50 {
      var pool: FiberStackPool? = try FiberStackPool(stackSize: 4096, idleLimit: 4)
      let stacks = Locked(try (0..<40).map { _ in try Keeper(pool: pool ?? FiberStackPool()) })
      let threads = (0..<4).map { _ in
        Thread { while stacks.withLock({ $0.popLast() }) != nil {} }
      }
      for thread in threads { thread.start() }
      pool = nil
      for thread in threads { thread.join() }
    }
  }

  @Test("has room for a recursion of 500 KB in a stack of 1 MiB, again and again")
  func recursion() throws {
    let pool = try FiberStackPool(stackSize: 1 << 20)
    for _ in 0..<20 {
      let fiber = try Fiber<Void, Never, UInt64>(pool: pool) { _, _ in fixture_fill(500_000) }
      #expect(try fiber.resume() == .returned(500_000))
      #expect(try #require(fiber.stackHighWaterMark) > 500_000)
    }
    #expect(pool.statistics.stacks == 1)
  }

  @Test("has stacks that end the process when they overflow, used for the first time and again", arguments: [0, 5])
  func overflow(before: Int) async {
    await #expect(processExitsWith: .signal(SIGSEGV)) { [before] in
      let pool = try FiberStackPool(stackSize: 65536)
      let neighbours = try (0..<5).map { _ in try Keeper(pool: pool) }
      for _ in 0..<before { _ = try Fiber<Void, Never, Int>(pool: pool) { _, _ in recurse(50) }.resume() }
      let fiber = try Fiber<Void, Never, Int>(pool: pool) { _, _ in recurse(.max) }
      _ = try fiber.resume()
      withExtendedLifetime(neighbours) {}
    }
  }

  @Test("hands out a used stack that shows no frame of the fiber before")
  func noOldFrames() throws {
    let pool = try FiberStackPool(stackSize: 65536)
    func lines(_ depth: Int) throws -> [String] {
      let fiber = try Fiber<Void, Never, [String]>(pool: pool) { _, _ in
        _ = recurse(depth)
        return try Backtrace.capture().description.split(separator: "\n").map(String.init)
      }
      guard case .returned(let lines) = try fiber.resume() else { return [] }
      return lines
    }
    let fresh = try lines(0).count
    _ = try lines(300)
    let used = try lines(0)
    #expect(used.count == fresh)
    #expect(!used.contains { $0.contains("recurse") })
    // The words at the top are the new fiber's, whatever its colour; what is above them is not on a way up.
    for _ in 0..<70 {
      let fiber = try Fiber<Void, Void, Void>(pool: pool) { suspend, _ in try suspend() }
      _ = try fiber.resume()
      let record = try #require(publishedRecord(id: fiber.id))
      #expect(chainWords(base: record.base) == endedChain)
    }
  }
}
