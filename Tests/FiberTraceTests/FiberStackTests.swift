import CFiberAsm
import CFiberTraceFixtures
import FiberTrace
import Foundation
import Testing

@Suite("A fiber's stack")
struct FiberStackTests {
  @Test("is rounded up to whole pages", arguments: [(1, 4096), (4095, 4096), (4096, 4096), (4097, 8192)])
  func rounds(size: Int, rounded: Int) throws {
    let stack = try FiberStack(size: size)
    #expect(stack.size == rounded)
  }

  @Test(
    "of no size, a negative size, or more than the address space is refused",
    arguments: [
      0, -1, Int.min, Int.max, Int.max - 4096,
    ])
  func refusesSizes(size: Int) {
    let found = fiberError { _ = try FiberStack(size: size) }
    #expect(found?.code == .invalidStackSize)
    #expect(found?.description.contains("\(size)") == true)
    #expect(fiberError { try Fiber<Void, Void, Void>(stackSize: size) { _, _ in } }?.code == .invalidStackSize)
  }

  @Test("that the system cannot give is refused with the system's reason")
  func refusesWithReason() {
    // 1 << 47 is all of a process's address space.
    for size in [1 << 47, 1 << 60] {
      let found = fiberError { _ = try FiberStack(size: size) }
      #expect(found?.code == .outOfMemory)
      #expect(found?.description.contains("Cannot allocate memory") == true)
    }
  }

  @Test("that a limit on the process's address space forbids is refused, and a smaller one is not")
  func refusedByLimit() async {
    await #expect(processExitsWith: .success) {
      limitAddressSpace(more: 64 << 20)
      guard fiberError({ _ = try FiberStack(size: 128 << 20) })?.code == .outOfMemory else { exit(2) }
      let fiber = try Fiber<Void, Never, Int>(stackSize: 16 << 20) { _, _ in 3 }
      exit(try fiber.resume() == .returned(3) ? 0 : 3)
    }
  }

  @Test(
    "of one page is enough to switch",
    .enabled(if: Sanitizer.isNone, "sanitizers make frames larger and call their runtime on this stack"))
  func onePage() throws {
    func makeCounter(stackSize: Int) throws -> Fiber<Int, Int, Int> {
      try Fiber(stackSize: stackSize) { suspend, first in
        var value = first
        for _ in 0..<100 { value = try suspend(value &+ 1) }
        return value
      }
    }
    // The first use of a generic type makes the runtime build its metadata, which takes more than a page.
    let warm = try makeCounter(stackSize: 65536)
    for number in 0...100 { _ = try warm.resume(number) }

    let fiber = try makeCounter(stackSize: 1)
    for number in 0..<100 {
      #expect(try fiber.resume(number) == .yielded(number + 1))
    }
    #expect(try fiber.resume(7) == .returned(7))
  }

  @Test("can be written from its lowest address on")
  func usable() throws {
    let fiber = try Fiber<Void, Void, Void>(stackSize: 10_000) { suspend, _ in try suspend() }
    let record = try #require(publishedRecord(id: fiber.id))
    touch(record.low)
    touch(record.low + 4096)
    #expect(record.base > record.low + 8192)
  }

  @Test("has 64 KiB below that nobody can touch, from the highest byte to the lowest", arguments: [1, 4096, 65536])
  func guardedBelow(distance: UInt64) async {
    await #expect(processExitsWith: .signal(SIGSEGV)) { [distance] in
      let fiber = try Fiber<Void, Void, Void>(stackSize: 10_000) { suspend, _ in try suspend() }
      let record = try #require(publishedRecord(id: fiber.id))
      touch(record.low)
      for page in stride(from: record.low - 65536, to: record.low, by: 4096) { fixture_map_page(page) }
      touch(record.low - distance)
    }
  }

  @Test("goes with its fiber: more can be made one after the other than a process has room for")
  func isUnmapped() throws {
    // vm.max_map_count is 65,530 by default, and each takes two.
    for _ in 0..<40_000 {
      _ = try Fiber<Void, Void, Void> { _, _ in }.resume()
    }
  }

  @Test("that overflows ends the process by a segmentation fault")
  func overflow() async {
    await #expect(processExitsWith: .signal(SIGSEGV)) {
      let fiber = try Fiber<Int, Void, Int>(stackSize: 65536) { _, depth in recurse(depth) }
      _ = try fiber.resume(.max)
    }
  }

  @Test("that overflows by frames of several pages ends the process before it reaches the stack next to it")
  func overflowByLargeFrames() async {
    await #expect(processExitsWith: .signal(SIGSEGV)) {
      let fiber = try Fiber<Void, Never, UInt64>(stackSize: 65536) { _, _ in fixture_recurse(4) }
      // Four frames end 16 KiB below the stack. Whatever is not its own there becomes somebody else's.
      let record = try #require(publishedRecord(id: fiber.id))
      for page in stride(from: record.low - 32768, to: record.low, by: 4096) { fixture_map_page(page) }
      _ = try fiber.resume()
    }
  }

  @Test(
    "of 64 MiB holds a recursion of 100,000 calls",
    .enabled(if: Sanitizer.current != .thread, "ThreadSanitizer has room for 65,536 calls, and writes on behind it"))
  func deepRecursion() throws {
    let fiber = try Fiber<Int, Never, Int>(stackSize: 64 << 20) { _, depth in recurse(depth) }
    #expect(try fiber.resume(100_000) == .returned(100_000))
  }

  @Test("has room for what its body returns, of any alignment, or refuses the body and lets go of what it has captured")
  func largeResults() throws {
    let aligned = try Fiber<Void, Never, SIMD64<UInt8>>(stackSize: 16_384) { _, _ in SIMD64(repeating: 7) }
    #expect(try aligned.resume() == .returned(SIMD64(repeating: 7)))
    weak var watched: Witness?
    func make(_ witness: Witness, stackSize: Int) throws -> Fiber<Void, Never, InlineArray<256, Int>> {
      try Fiber(stackSize: stackSize) { _, _ in
        withExtendedLifetime(witness) {}
        return InlineArray(repeating: 9)
      }
    }
    let error = fiberError {
      let witness = Witness()
      watched = witness
      _ = try make(witness, stackSize: 4096)
    }
    #expect(error?.code == .invalidStackSize)
    #expect(error?.description.contains("no room for the 2049 bytes that its body returns") == true)
    #expect(watched == nil)
    let large = try make(Witness(), stackSize: 16_384)
    let values = try #require(try large.resume().returnedValue)
    #expect(values[0] == 9 && values[255] == 9)
  }

  @Test("can be made before its fiber")
  func givenStack() throws {
    let stack = try FiberStack(size: 20_000)
    let fiber = try Fiber<Void, Never, Int>(name: "tenant", stack: stack) { _, _ in 5 }
    #expect(try fiber.resume() == .returned(5))
  }

  @Test("of the default size holds printing, formatting and backtraces")
  func defaultSize() throws {
    let fiber = try Fiber<Void, Void, Int> { _, _ in
      let text = String(format: "%.40f %s", Double.pi, "\(Date())") + "\(1e300.description) \([1: ["a": 2.5]])"
      return try Backtrace.capture().description.count + text.count
    }
    guard case .returned(let count) = try fiber.resume() else {
      Issue.record("it did not end")
      return
    }
    #expect(count > 100)
  }
}
