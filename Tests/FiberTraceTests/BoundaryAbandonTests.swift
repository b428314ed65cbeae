import CFiberAsm
import CFiberTraceFixtures
import FiberTrace
import Foundation
import Testing

/// Ends the calling thread from inside a body. Swift takes `pthread_exit` for a function that returns where it cannot see.
@inline(never)
private func endThread() -> Never { pthread_exit(nil) }

@Suite("A thread that ends inside a fiber")
struct BoundaryAbandonTests {
  /// Two fibers, one resumed by the other, whose thread has ended in the inner one.
  private func abandoned() throws -> (outer: Fiber<Void, Void, Void>, inner: Fiber<Void, Void, Void>) {
    nonisolated(unsafe) var fibers: (Fiber<Void, Void, Void>, Fiber<Void, Void, Void>)?
    try join(
      Thread {
        guard let inner = try? Fiber<Void, Void, Void>(name: "inner", { _, _ in endThread() }),
          let outer = try? Fiber<Void, Void, Void>(name: "outer", { _, _ in _ = try inner.resume() })
        else { return }
        unsafe fibers = (outer, inner)
        _ = try? outer.resume()
      })
    return try unsafe #require(fibers)
  }

  @Test(
    "abandons it and those that wait for it: they say so, and cannot be resumed or cancelled",
    .enabled(if: Sanitizer.current != .thread, "ThreadSanitizer stops a process that calls pthread_exit in a fiber"))
  func saysSo() throws {
    let (outer, inner) = try abandoned()
    for fiber in [outer, inner] {
      #expect(fiber.state == .abandoned)
      let name = fiber.name ?? ""
      let resumed = fiberError { try fiber.resume() }
      #expect(resumed?.code == .abandoned)
      #expect(
        resumed?.description
          == "fiber #\(fiber.id) \"\(name)\" cannot be resumed: its thread has ended inside it; create another")
      #expect(fiberError { try fiber.cancel() }?.code == .abandoned)
    }
  }

  @Test(
    "leaves its stack and its record for good, for the thread may still stand there",
    .enabled(if: Sanitizer.current != .thread, "ThreadSanitizer stops a process that calls pthread_exit in a fiber"))
  func keepsStack() throws {
    let id: UInt64
    do {
      let (outer, _) = try abandoned()
      id = outer.id
    }
    let record = try #require(publishedRecord(id: id))
    #expect(string(at: record.name) == "outer")
    // The memory is there.
    #expect(unsafe UnsafePointer<UInt64>(bitPattern: UInt(record.base))?.pointee != nil)
  }

  @Test("keeps memory of the caller's, and what its end would call, when the last handle goes")
  func callersMemory() throws {
    nonisolated(unsafe) var done = 0
    weak var seen: Keepsake?
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 65536, alignment: 16)
    let id: UInt64
    do {
      let keepsake = Keepsake()
      seen = keepsake
      let stack = try unsafe FiberStack(unsafeMemory: memory) {
        unsafe done += 1
        withExtendedLifetime(keepsake) {}
      }
      var record: UnsafeMutablePointer<ft_record>?
      let fiber = try Fiber<Void, Void, Void>(name: "left", stack: stack) { suspend, _ in
        unsafe record = unsafe ft_fiber_current()
        try suspend()
      }
      id = fiber.id
      _ = try fiber.resume()
      // As the personality routine does. A thread that ends inside the fiber would keep handles of its own.
      unsafe ft_record_mark(try #require(record), UInt64(FT_FLAG_ABANDONED))
      #expect(fiber.state == .abandoned)
    }
    #expect(unsafe done == 0)
    #expect(seen != nil)
    #expect(publishedRecord(id: id) != nil)
  }

  private final class Keepsake: Sendable {}
}
