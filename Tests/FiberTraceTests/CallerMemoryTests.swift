import CFiberAsm
import FiberTrace
import Foundation
import Synchronization
import Testing

@Suite("A stack of the caller's memory")
struct CallerMemoryTests {
  @Test("holds a fiber, at any alignment, and is given back once, when the fiber goes", arguments: [0, 1, 8, 4095])
  func used(offset: Int) throws {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 70_000, alignment: 4096)
    defer { unsafe memory.deallocate() }
    let done = Counter()
    do {
      let part = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[offset..<offset + 65_000])
      let stack = try unsafe FiberStack(unsafeMemory: part) { done.increment() }
      #expect(stack.size == 65_000)
      #expect(stack.guard == nil)
      #expect(stack.highWaterMark == nil)
      let fiber = try Fiber<Int, Int, Int>(name: "tenant", stack: stack) { suspend, first in
        try suspend(first + recurse(10)) + recurse(100)
      }
      let record = try #require(publishedRecord(id: fiber.id))
      #expect(record.low == UInt64(UInt(bitPattern: part.baseAddress)))
      #expect(try fiber.resume(1) == .yielded(11))
      #expect(done.value == 0)
      #expect(try fiber.resume(1) == .returned(101))
      #expect(fiber.stackHighWaterMark == nil)
      #expect(done.value == 0)
    }
    #expect(done.value == 1)
  }

  @Test("is given back without a fiber too")
  func unused() throws {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
    defer { unsafe memory.deallocate() }
    let done = Counter()
    _ = try unsafe FiberStack(unsafeMemory: memory) { done.increment() }
    #expect(done.value == 1)
  }

  @Test("can be used again and again")
  func again() throws {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    defer { unsafe memory.deallocate() }
    for number in 0..<1000 {
      let fiber = try Fiber<Void, Never, Int>(stack: try unsafe FiberStack(unsafeMemory: memory)) { _, _ in number }
      #expect(try fiber.resume() == .returned(number))
    }
  }

  @Test("is refused if it is too small, and not given back", arguments: [0, 1, 4095])
  func tooSmall(count: Int) {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
    defer { unsafe memory.deallocate() }
    let done = Counter()
    let error = fiberError {
      let part = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<count])
      _ = try unsafe FiberStack(unsafeMemory: part) { done.increment() }
    }
    #expect(error?.code == .invalidStackSize)
    #expect(error?.description == "a fiber's stack cannot be made of \(count) bytes; give it 4096 bytes or more")
    #expect(done.value == 0)
  }

  @Test("is refused without an address")
  func noAddress() {
    let error = fiberError {
      _ = try unsafe FiberStack(unsafeMemory: UnsafeMutableRawBufferPointer(start: nil, count: 0))
    }
    #expect(error?.code == .invalidStackSize)
    #expect(error?.description.contains("nil") == true)
  }
}

private final class Counter: Sendable {
  private let count = Atomic<Int>(0)
  var value: Int { count.load(ordering: .relaxed) }
  func increment() { count.add(1, ordering: .relaxed) }
}
