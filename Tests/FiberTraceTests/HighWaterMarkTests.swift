import CFiberAsm
import FiberTrace
import Foundation
import Testing

@Suite("A stack's high-water mark")
struct HighWaterMarkTests {
  @Test("is nothing for a fresh stack", arguments: [1, 1 << 20, 1 << 30])
  func fresh(size: Int) throws {
    #expect(try FiberStack(size: size).highWaterMark == 0)
  }

  @Test("is exact to a word", arguments: [8, 4096, 4104, 100_000, 300_000, 1 << 20])
  func exact(distance: Int) throws {
    let fiber = try Fiber<Void, Void, Void>(stackSize: 1 << 20) { _, _ in }
    let low = try #require(publishedRecord(id: fiber.id)).low
    let unused = try #require(fiber.stackHighWaterMark)
    touch(low + UInt64(1 << 20 - distance))
    #expect(fiber.stackHighWaterMark == max(unused, distance))
  }

  @Test("looks past pages that hold zeros alone")
  func zeros() throws {
    let fiber = try Fiber<Void, Void, Void>(stackSize: 1 << 20) { _, _ in }
    let low = try #require(publishedRecord(id: fiber.id)).low
    for page in 0..<100 { touch(low + UInt64(page) * 4096, 0) }
    touch(low + 500_000)
    #expect(fiber.stackHighWaterMark == 1 << 20 - 500_000)
  }

  @Test("of a fiber is what its deepest call has used")
  func ofFiber() throws {
    let fiber = try Fiber<Int, Int, Int>(stackSize: 1 << 20) { suspend, first in
      var depth = first
      while true { depth = try suspend(recurse(depth)) }
    }
    let unused = try #require(fiber.stackHighWaterMark)
    #expect(unused > 0 && unused < 8192)
    var marks: [Int] = []
    for depth in [10, 5000, 100] {
      _ = try fiber.resume(depth)
      marks.append(try #require(fiber.stackHighWaterMark))
    }
    #expect(marks[0] < 20_000)
    #expect(marks[1] > 5000 * 16 && marks[1] < 1 << 20)
    #expect(marks[2] == marks[1])
  }

  @Test("of a movable fiber is what it has used on all its threads")
  func ofMovable() throws {
    let fiber = try MovableFiber<Int, Int, Int>(stackSize: 1 << 20) { suspend, first in
      var depth = first
      while true { depth = try suspend(recurse(depth)) }
    }
    _ = try onThread { try fiber.resume(5000) }
    let mark = try #require(fiber.stackHighWaterMark)
    #expect(mark > 5000 * 16 && mark < 1 << 20)
    _ = try fiber.resume(10)
    #expect(fiber.stackHighWaterMark == mark)
  }

  @Test("can be asked for on the fiber itself")
  func inside() throws {
    var fiber: Fiber<Void, Never, Int?>?
    fiber = try Fiber { _, _ in fiber?.stackHighWaterMark }
    guard case .returned(let mark) = try fiber?.resume() else {
      Issue.record("it did not end")
      return
    }
    #expect(try #require(mark) > 0)
    fiber = nil
  }

  @Test("of a pooled stack counts what fibers before have used, until the pool gives its pages back")
  func pooled() throws {
    let pool = try FiberStackPool(stackSize: 1 << 20)
    func mark(depth: Int) throws -> Int {
      let fiber = try Fiber<Void, Never, Int>(pool: pool) { _, _ in recurse(depth) }
      _ = try fiber.resume()
      return try #require(fiber.stackHighWaterMark)
    }
    let few = try mark(depth: 10)
    let many = try mark(depth: 5000)
    #expect(many > few + 50_000)
    #expect(try mark(depth: 10) == many)
    let stays = try pool.take()
    let other = try mark(depth: 10)
    #expect(other < many)
    pool.trim()
    #expect(stays.highWaterMark == many)
  }
}
