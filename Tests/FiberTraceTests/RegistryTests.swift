import CFiberAsm
import CFiberTraceFixtures
import FiberTrace
import Foundation
import Testing

@Suite("In the registry")
struct RegistryTests {
  @Test("a fiber has its id, name, stack, count and state")
  func fields() throws {
    let fiber = try Fiber<Void, Void, Void>(name: "Größe ✓", stackSize: 100_000) { suspend, _ in try suspend() }
    var record = try #require(publishedRecord(id: fiber.id))
    #expect(string(at: record.name) == "Größe ✓")
    #expect(fiber.name == "Größe ✓")
    #expect(record.count == 0)
    #expect(record.base - record.low > 90_000)
    _ = try fiber.resume()
    record = try #require(publishedRecord(id: fiber.id))
    #expect(record.count == 2)
    #expect((record.low..<record.base).contains(record.sp))
    _ = try fiber.resume()
    record = try #require(publishedRecord(id: fiber.id))
    #expect(record.count == 4)
    #expect(record.identity == fiber.id << 8 | UInt64(FT_FLAG_FINISHED))
  }

  @Test("a fiber without a name has none")
  func nameless() throws {
    let fiber = try Fiber<Void, Void, Void> { _, _ in }
    #expect(fiber.name == nil)
    #expect(try #require(publishedRecord(id: fiber.id)).name == 0)
  }

  @Test("a name reaches to its first NUL, and may have any length")
  func oddNames() throws {
    let long = String(repeating: "x", count: 1 << 20)
    for (name, expected) in [("before\0after", "before"), ("\0", ""), ("", ""), (long, long)] {
      let fiber = try Fiber<Void, Void, Void>(name: name) { _, _ in }
      #expect(fiber.name == expected)
      #expect(string(at: try #require(publishedRecord(id: fiber.id)).name) == expected)
    }
  }

  @Test("a wait reason stands while the fiber is suspended, and only then")
  func waitReason() throws {
    var whileRunning: [UInt64?] = []
    var fiber: Fiber<Void, Void, Void>?
    fiber = try Fiber { suspend, _ in
      let id = fiber?.id ?? 0
      try suspend(waiting: "for the first thing")
      whileRunning.append(publishedRecord(id: id)?.wait)
      try suspend(waiting: "für das zweite")
      whileRunning.append(publishedRecord(id: id)?.wait)
      try suspend(waiting: StaticString(unicodeScalarLiteral: "€"))
      whileRunning.append(publishedRecord(id: id)?.wait)
      try suspend()
      whileRunning.append(publishedRecord(id: id)?.wait)
    }
    let id = fiber?.id ?? 0
    var reasons: [String?] = []
    for _ in 0..<4 {
      _ = try fiber?.resume()
      reasons.append(string(at: try #require(publishedRecord(id: id)).wait))
    }
    #expect(reasons == ["for the first thing", "für das zweite", "€", nil])
    _ = try fiber?.resume()
    #expect(whileRunning == [0, 0, 0, 0])
    fiber = nil
  }

  @Test("the creator is the function that creates the fiber")
  func creator() throws {
    for fiber in [try createFiberHere(), try createFiberThereOnGivenStack()] {
      let record = try #require(publishedRecord(id: fiber.id))
      // A return address: the call is the byte before.
      #expect(functionName(at: record.creator - 1).contains(fiber.name ?? "no name"))
    }
  }

  @inline(never)
  private func createFiberHere() throws -> Fiber<Void, Void, Void> {
    try Fiber(name: "createFiberHere") { _, _ in }
  }

  @inline(never)
  private func createFiberThereOnGivenStack() throws -> Fiber<Void, Void, Void> {
    let stack = try FiberStack(size: 8192)
    return try Fiber(name: "createFiberThereOnGivenStack", stack: stack) { _, _ in }
  }

  @Test("records are used again, and ids never")
  func reuse() throws {
    var ids: Set<UInt64> = []
    let before = chunks(registry: ownRegistry).count
    // The records of 24 chunks.
    for _ in 0..<25_000 {
      let fiber = try Fiber<Void, Void, Void>(stackSize: 4096) { _, _ in }
      ids.insert(fiber.id)
    }
    #expect(ids.count == 25_000)
    // Tests that run at the same time may need a few, all at once.
    #expect(chunks(registry: ownRegistry).count - before <= 8)
  }

  @Test("ids are unique when several threads create fibers at once, and all records go again")
  func concurrency() throws {
    let ids = Locked<[UInt64]>([])
    let threads = (0..<4).map { _ in
      Thread {
        do {
          for _ in 0..<20 {
            let fibers = try (0..<100).map { number in
              try Fiber<Int, Int, Int>(name: "fiber \(number)") { suspend, first in try suspend(first) }
            }
            for fiber in fibers {
              #expect(try fiber.resume(1) == .yielded(1))
              #expect(publishedRecord(id: fiber.id)?.count == 2)
            }
            ids.withLock { $0 += fibers.map(\.id) }
          }
        } catch {
          Issue.record(error)
        }
      }
    }
    for thread in threads { thread.start() }
    for thread in threads { thread.join() }
    let all = ids.withLock { $0 }
    #expect(all.count == 8000)
    #expect(Set(all).count == all.count)
    let left = Set(publishedRecords(registry: ownRegistry).map { $0.identity >> UInt64(FT_IDENTITY_SHIFT) })
    #expect(left.isDisjoint(with: all))
  }

  @Test("another runtime, which uses the header alone, publishes its fibers beside ours")
  func otherRuntime() throws {
    var found: [UInt64] = Array(repeating: 0, count: 8)
    let count = unsafe fixture_noted_registries(&found, found.count)
    found.removeLast(found.count - count)
    let other = fixture_registry()
    #expect(Set(found) == [ownRegistry, other])
    #expect(magicAndVersion(registry: other) == magicAndVersion(registry: ownRegistry))

    let name: StaticString = "green thread"
    let bytes = unsafe UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
    let record = unsafe fixture_publish(bytes, 0x1000, 0x2000, 0x1800)
    let published = try #require(publishedRecords(registry: other).first)
    #expect(string(at: published.name) == "green thread")
    #expect(published.sp == 0x1800)
    #expect(published.identity >> UInt64(FT_IDENTITY_SHIFT) == 1)
    #expect(publishedRecords(registry: ownRegistry).allSatisfy { $0.low != 0x1000 })
    fixture_retract(record)
    #expect(publishedRecords(registry: other).isEmpty)
  }
}
