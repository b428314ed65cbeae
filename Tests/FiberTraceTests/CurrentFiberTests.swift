import CFiberTraceFixtures
import FiberTrace
import Foundation
import Testing

/// The fiber that this function runs on, called at a depth of `pages` pages of stack.
@inline(never)
private func current(below pages: Int) -> FiberIdentity? {
  guard pages > 0 else { return Fiber.current }
  return unsafe withUnsafeTemporaryAllocation(byteCount: 1000, alignment: 16) { bytes in
    unsafe bytes[999] = 1
    return current(below: pages - 1)
  }
}

@Suite("Fiber.current")
struct CurrentFiberTests {
  @Test("is nil outside of fibers, on every thread, also after fibers have run there")
  func outside() throws {
    #expect(Fiber.current == nil)
    let fiber = try Fiber<Void, Void, Void> { suspend, _ in try suspend() }
    _ = try fiber.resume()
    #expect(Fiber.current == nil)
    #expect(current(below: 40) == nil)
    nonisolated(unsafe) var onThread: FiberIdentity? = FiberIdentity?.none
    try join(Thread { unsafe onThread = Fiber.current })
    #expect(unsafe onThread == nil)
  }

  @Test("is the fiber whose body runs, with id and name, at any depth of its stack")
  func inside() throws {
    let fiber = try Fiber<Int, FiberIdentity?, Never>(name: "who") { suspend, depth in
      var depth = depth
      while true { depth = try suspend(current(below: depth)) }
    }
    for depth in [0, 1, 4, 15, 40, 100, 3, 0] {
      let identity = try #require(try fiber.resume(depth).yieldedValue)
      #expect(identity?.id == fiber.id)
      #expect(identity?.name == "who")
      #expect("\(identity.map(String.init(describing:)) ?? "")" == "fiber #\(fiber.id) \"who\"")
    }
    let nameless = try Fiber<Void, Never, String?> { _, _ in Fiber.current?.description }
    #expect(try nameless.resume() == .returned("fiber #\(nameless.id)"))
  }

  @Test("is the innermost of nested fibers, and each outer one again after the inner one has come back")
  func nested() throws {
    var seen: [UInt64?] = []
    var ids: [UInt64] = []
    func descend(_ depth: Int) throws -> Fiber<Void, Void, Void> {
      try Fiber { suspend, _ in
        seen.append(Fiber.current?.id)
        if depth > 0 {
          let inner = try descend(depth - 1)
          ids.append(inner.id)
          _ = try inner.resume()
          seen.append(Fiber.current?.id)
          try suspend()
          _ = try inner.resume()
        } else {
          try suspend()
        }
        seen.append(Fiber.current?.id)
      }
    }
    let fiber = try descend(3)
    ids.append(fiber.id)
    _ = try fiber.resume()
    #expect(Fiber.current == nil)
    _ = try fiber.resume()
    let (d, a, b, c) = (ids[0], ids[1], ids[2], ids[3])
    // Inwards; outwards to each that has resumed another; and the ends, outwards.
    #expect(seen == [d, a, b, c, b, a, d, c, b, a, d])
  }

  @Test("is right on a stack that another fiber had before, of the same record and of another")
  func reusedStack() throws {
    for number in 0..<500 {
      let fiber = try Fiber<Void, Void, FiberIdentity?>(name: "number \(number)", stackSize: 16384) { suspend, _ in
        _ = Fiber.current
        try suspend()
        return Fiber.current
      }
      _ = try fiber.resume()
      // Some records stay taken, so that stacks and records meet in new pairs.
      let other = number.isMultiple(of: 3) ? try Fiber<Void, Void, Void>(stackSize: 16384) { _, _ in } : nil
      let identity = try #require(try fiber.resume().returnedValue)
      #expect(identity?.id == fiber.id)
      #expect(identity?.name == "number \(number)")
      withExtendedLifetime(other) {}
    }
  }

  @Test("is right for each of 1,000 fibers that run in turn, more than a thread remembers")
  func crowd() throws {
    let fibers = try (0..<1000).map { _ in
      try Fiber<Void, UInt64?, Never>(stackSize: 16384) { suspend, _ in
        while true { try suspend(Fiber.current?.id) }
      }
    }
    for _ in 0..<3 {
      for fiber in fibers {
        #expect(try fiber.resume() == .yielded(fiber.id))
      }
    }
  }

  @Test("is right on threads that create, run and drop fibers at the same time")
  func threads() throws {
    let wrong = Locked(0)
    let threads = (0..<4).map { _ in
      Thread {
        for _ in 0..<300 {
          let fiber = try? Fiber<Void, UInt64?, UInt64?>(stackSize: 16384) { suspend, _ in
            try suspend(Fiber.current?.id)
            return Fiber.current?.id
          }
          let first = try? fiber?.resume()
          let between = Fiber.current
          let second = try? fiber?.resume()
          if first != .yielded(fiber?.id) || between != nil || second != .returned(fiber?.id) {
            wrong.withLock { $0 += 1 }
          }
        }
      }
    }
    for thread in threads { thread.start() }
    while !threads.allSatisfy(\.isFinished) { usleep(1000) }
    #expect(wrong.withLock { $0 } == 0)
  }

  @Test("is nil in a signal handler with a stack of its own, and right in one on the fiber's")
  func signalHandlers() throws {
    let fiber = try Fiber<Void, Never, [FiberIdentity?]> { _, _ in
      [try currentInHandler(alternate: false), try currentInHandler(alternate: true)]
    }
    let found = try #require(try fiber.resume().returnedValue)
    #expect(found.map(\.?.id) == [fiber.id, nil])
  }

  @Test("goes with a movable fiber from thread to thread")
  func movable() throws {
    let fiber = try MovableFiber<Void, UInt64?, Never>(name: "mover") { suspend, _ in
      while true { try suspend(Fiber.current?.id) }
    }
    #expect(try fiber.resume() == .yielded(fiber.id))
    for _ in 0..<5 {
      let outcome = Locked<MovableFiber<Void, UInt64?, Never>.Outcome?>(nil)
      try join(Thread { outcome.withLock { $0 = try? fiber.resume() } })
      #expect(outcome.withLock { $0 } == .yielded(fiber.id))
    }
    #expect(Fiber.current == nil)
    #expect(try fiber.resume() == .yielded(fiber.id))
  }

  @Test("is the innermost where a fiber's stack lies in its thread's own, or in another fiber's")
  func nestedStacks() async {
    // A process of its own: from here on nothing is remembered.
    await #expect(processExitsWith: .success) {
      let thread = Thread {
        // 300 KiB of this stack, or more, are known to be the thread's own. A part of that becomes a fiber's.
        guard current(below: 300) == nil else { exit(2) }
        do {
          try currentOnOwnStack(size: 256 * 1024)
        } catch {
          exit(3)
        }
      }
      try join(thread)
    }
  }
}

@Suite("Whether a fiber is being cancelled")
struct CancelledFiberTests {
  @Test("is false in fibers and outside, and true in the defers and deinits that cancellation runs")
  func isCancelled() throws {
    var log: [Bool] = []
    var fiber: Fiber<Void, Void, Void>? = try Fiber { suspend, _ in
      log += [Fiber.isCancelled, suspend.isCancelled]
      defer { log += [Fiber.isCancelled, suspend.isCancelled] }
      try suspend()
    }
    _ = try fiber?.resume()
    #expect(!Fiber.isCancelled)
    fiber = nil
    #expect(log == [false, false, true, true])
    #expect(!Fiber.isCancelled)
  }

  @Test("is asked of the innermost: a fiber that one in cancellation runs is not cancelled")
  func inner() throws {
    var inside: [Bool] = []
    var outer: Fiber<Void, Void, Void>? = try Fiber { suspend, _ in
      defer {
        if case .returned(let value) = try? Fiber<Void, Never, Bool>({ _, _ in Fiber.isCancelled }).resume() {
          inside = [value, Fiber.isCancelled]
        }
      }
      try suspend()
    }
    _ = try outer?.resume()
    outer = nil
    #expect(inside == [false, true])
  }

  @Test("and which fiber it is, its suspend tells, also after the fiber's end")
  func suspendTells() throws {
    var escaped: Fiber<Void, Void, Void>.Suspend?
    var fiber: Fiber<Void, Void, Void>? = try Fiber(name: "told") { suspend, _ in
      escaped = suspend
      #expect(suspend.fiber == Fiber.current)
      try suspend()
    }
    let id = try #require(fiber?.id)
    _ = try fiber?.resume()
    #expect(escaped?.fiber.description == "fiber #\(id) \"told\"")
    #expect(escaped?.isCancelled == false)
    fiber = nil
    #expect(escaped?.fiber.description == "fiber #\(id)")
    #expect(escaped?.isCancelled == false)
  }
}

/// For the signal handler, which captures nothing.
nonisolated(unsafe) private var handlerFound: FiberIdentity?

/// `Fiber.current` as the handler of a signal sees it, on this stack or on one of its own.
@inline(never)
private func currentInHandler(alternate: Bool) throws -> FiberIdentity? {
  let size = 65536
  let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
  defer { unsafe memory.deallocate() }
  var stack = unsafe stack_t(ss_sp: memory, ss_flags: 0, ss_size: size)
  var previousStack = unsafe stack_t()
  guard unsafe sigaltstack(&stack, &previousStack) == 0 else { throw POSIXError(.EINVAL) }
  defer { unsafe sigaltstack(&previousStack, nil) }

  var action = sigaction()
  var previous = sigaction()
  action.sa_flags = alternate ? SA_ONSTACK : 0
  unsafe action.__sigaction_handler.sa_handler = { _ in unsafe handlerFound = Fiber.current }
  unsafe sigaction(SIGWINCH, &action, &previous)
  // The test's thread blocks signals. Sent to itself, this one has come when the call returns.
  var signals = sigset_t()
  var blocked = sigset_t()
  unsafe sigemptyset(&signals)
  unsafe sigaddset(&signals, SIGWINCH)
  unsafe pthread_sigmask(SIG_UNBLOCK, &signals, &blocked)
  pthread_kill(pthread_self(), SIGWINCH)
  unsafe pthread_sigmask(SIG_SETMASK, &blocked, nil)
  unsafe sigaction(SIGWINCH, &previous, nil)
  return unsafe handlerFound
}

/// Runs a fiber in memory below this frame, and another in that one's memory. Ends the process if one is not found.
private func currentOnOwnStack(size: Int) throws {
  let end = UInt(fixture_frame_address()) & ~15 - 32768
  guard let low = unsafe UnsafeMutableRawPointer(bitPattern: end - UInt(size)) else { exit(4) }
  let memory = unsafe UnsafeMutableRawBufferPointer(start: low, count: size)
  let outer = try Fiber<Void, UInt64?, UInt64?>(stack: try unsafe FiberStack(unsafeMemory: memory)) { suspend, _ in
    let part = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[65536..<131072])
    _ = Fiber.current
    let inner = try Fiber<Void, UInt64?, Never>(stack: try unsafe FiberStack(unsafeMemory: part)) { suspend, _ in
      while true { try suspend(Fiber.current?.id) }
    }
    guard try inner.resume() == .yielded(inner.id) else { exit(5) }
    try suspend(Fiber.current?.id)
    return Fiber.current?.id
  }
  guard try outer.resume() == .yielded(outer.id), Fiber.current == nil else { exit(6) }
  guard try outer.resume() == .returned(outer.id), Fiber.current == nil else { exit(7) }
}
