import CFiberTraceFixtures
import FiberTrace
import Testing

/// What corosensei, wasmtime-fiber and Boost.Context promise of a body and of what it captures; <doc:Peers> has the whole list.
@Suite("As its peers promise, a fiber's body")
struct PeerCaptureTests {
  @Test("finds what it has captured aligned, up to 16 bytes as Swift aligns, on any fiber's stack")
  func alignedCaptures() throws {
    // Tops of stacks are moved by the fiber's id: all 64 places.
    for number in 0..<64 {
      let state = [41, 42, 43]
      let vector = SIMD8<Double>(repeating: Double(number))
      let fiber = try Fiber<Void, Int, UInt> { suspend, _ in
        var copy = vector
        for value in state { try suspend(value) }
        copy += 1
        return unsafe withUnsafePointer(to: &copy) { UInt(bitPattern: $0) % 16 } + UInt(copy[7]) - UInt(number)
      }
      for value in state { #expect(try fiber.resume() == .yielded(value)) }
      #expect(try fiber.resume() == .returned(1))
    }
  }

  @Test("calls functions that need alignments of 16 and 128 bytes on the stack")
  func alignedLocals() throws {
    for size in [16384, 16385, 1 << 20] {
      for _ in 0..<64 {
        let fiber = try Fiber<Void, UInt64, UInt64>(stackSize: size) { suspend, _ in
          try suspend(fixture_misalignment())
          return fixture_misalignment()
        }
        #expect(try fiber.resume() == .yielded(0))
        #expect(try fiber.resume() == .returned(0))
      }
    }
  }

  @Test("has let go of what it captured when its resumer gets the error that it throws")
  func throwsAndReleases() throws {
    struct Failure: Error {}
    var alive = false
    func make() throws -> Fiber<Void, Void, Void> {
      alive = true
      let witness = Witness { alive = false }
      return try Fiber { suspend, _ in
        try suspend()
        withExtendedLifetime(witness) {}
        throw Failure()
      }
    }
    let fiber = try make()
    _ = try fiber.resume()
    #expect(alive)
    do {
      _ = try fiber.resume()
      Issue.record("no error")
    } catch {
      #expect(!alive)
      #expect(error is Failure)
    }
  }

  @Test("is reached through any copy of its handle, wherever that was moved")
  func movedHandles() throws {
    let fiber = try Fiber<Void, Int, Int> { suspend, _ in
      for number in 1...3 { try suspend(number) }
      return 4
    }
    let handles = [fiber, fiber]
    #expect(try handles[0].resume() == .yielded(1))
    var moved: [String: Fiber<Void, Int, Int>] = ["here": handles[1]]
    #expect(try moved["here"]?.resume() == .yielded(2))
    #expect(try fiber.resume() == .yielded(3))
    #expect(moved.removeValue(forKey: "here")?.id == fiber.id)
  }

  @Test("may be a method")
  func method() throws {
    struct Adder {
      var base: Int
      func add(_ suspend: Fiber<Int, Int, Int>.Suspend, _ first: Int) throws -> Int {
        base + (try suspend(base + first))
      }
    }
    let fiber = try Fiber<Int, Int, Int>(Adder(base: 7).add)
    #expect(try fiber.resume(1) == .yielded(8))
    #expect(try fiber.resume(2) == .returned(9))
  }

  @Test("may catch errors that it throws itself, and C++ exceptions thrown below it, between switches")
  func catches() throws {
    struct Failure: Error {}
    let fiber = try Fiber<Void, String, Int32> { suspend, _ in
      do { throw Failure() } catch { try suspend("\(type(of: error))") }
      return fixture_throw_and_catch()
    }
    #expect(try fiber.resume() == .yielded("Failure"))
    #expect(try fiber.resume() == .returned(1))
  }
}
