import CFiberAsm
import FiberTrace
import Foundation
import Synchronization
import Testing

/// Runs `body` on a thread of its own and hands on what it answers or throws.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
  let result = Locked<Result<Value, any Error>?>(nil)
  try join(Thread { result.withLock { $0 = Result { try body() } } })
  return try #require(result.withLock { $0 }).get()
}

@Suite("A movable fiber")
struct MovableFiberTests {
  @Test("carries typed values from and to any thread, and its body's value to whoever resumes it last")
  func carriesValues() throws {
    let fiber = try MovableFiber<Int, String, [Int]>(name: "wanderer") { suspend, first in
      var seen = [first]
      for _ in 0..<4 { seen.append(try suspend("got \(seen.count)")) }
      return seen
    }
    #expect(fiber.name == "wanderer")
    #expect(try onThread { try fiber.resume(1) } == .yielded("got 1"))
    #expect(try fiber.resume(2) == .yielded("got 2"))
    #expect(try onThread { try fiber.resume(3) } == .yielded("got 3"))
    #expect(try onThread { try fiber.resume(4) } == .yielded("got 4"))
    #expect(try onThread { try fiber.resume(5) } == .returned([1, 2, 3, 4, 5]))
    #expect(fiber.state == .finished)
  }

  @Test("runs on the thread that resumes it")
  func runsThere() throws {
    let fiber = try MovableFiber<Void, UInt, Never> { suspend, _ in
      while true { try suspend(UInt(pthread_self())) }
    }
    for _ in 0..<3 {
      let (here, there) = try onThread { (UInt(pthread_self()), try fiber.resume()) }
      #expect(there == .yielded(here))
    }
    #expect(try fiber.resume() == .yielded(UInt(pthread_self())))
  }

  @Test("throws its body's error to whoever resumes it, on that thread")
  func throwsThere() throws {
    struct Failure: Error, Equatable {}
    let fiber = try MovableFiber<Void, Void, Void> { suspend, _ in
      try suspend()
      throw Failure()
    }
    _ = try fiber.resume()
    #expect(throws: Failure()) { try onThread { _ = try fiber.resume() } }
    #expect(fiberError { try fiber.resume() }?.code == .finished)
    #expect(try fiber.cancel() == nil)
  }

  @Test("goes through the five states")
  func states() throws {
    let slot = Locked<MovableFiber<Void, Void, Void>?>(nil)
    let seen = Locked<[FiberState?]>([])
    func look() { seen.withLock { $0.append(slot.withLock { $0?.state }) } }
    let inner = try MovableFiber<Void, Void, Void> { _, _ in
      // From another fiber's body it cannot be told whether the first is here or on another thread.
      seen.withLock { $0.append(slot.withLock { $0?.state }) }
    }
    let outer = try MovableFiber<Void, Void, Void> { suspend, _ in
      seen.withLock { $0.append(slot.withLock { $0?.state }) }
      let bound = try Fiber<Void, Void, Void> { _, _ in seen.withLock { $0.append(slot.withLock { $0?.state }) } }
      _ = try bound.resume()
      _ = try inner.resume()
      try suspend()
    }
    slot.withLock { $0 = outer }
    look()
    _ = try outer.resume()
    look()
    _ = try outer.resume()
    look()
    #expect(
      seen.withLock { $0 } == [.notStarted, .running, .resumingAnother, .running, .suspended, .finished])
  }

  @Test("that is resumed or cancelled from within is an error that says where it is")
  func refusals() throws {
    let slot = Locked<MovableFiber<Void, Void, Void>?>(nil)
    let found = Locked<[FiberError?]>([])
    let fiber = try MovableFiber<Void, Void, Void>(name: "ouroboros") { suspend, _ in
      guard let fiber = slot.withLock({ $0 }) else { return }
      func attempt() {
        found.withLock { $0.append(fiberError { try fiber.resume() }) }
        found.withLock { $0.append(fiberError { try fiber.cancel() }) }
      }
      attempt()
      let bound = try Fiber<Void, Void, Void> { _, _ in attempt() }
      _ = try bound.resume()
      try suspend()
    }
    slot.withLock { $0 = fiber }
    _ = try fiber.resume()
    slot.withLock { $0 = nil }
    let errors = found.withLock { $0 }
    #expect(errors.map { $0?.code } == [.running, .running, .resumingAnother, .resumingAnother])
    let title = "fiber #\(fiber.id) \"ouroboros\" cannot be"
    #expect(
      errors.map { $0?.description } == [
        "\(title) resumed: it is running; resume it from outside its body",
        "\(title) cancelled: it is running; let an error leave its body",
        "\(title) resumed: it waits for a fiber that it has resumed; suspend that one first",
        "\(title) cancelled: it waits for a fiber that it has resumed; suspend that one first",
      ])
  }

  @Test("that runs on another thread cannot be resumed or cancelled, and nobody waits for it")
  func runningElsewhere() throws {
    let isRunning = Atomic(false)
    let mayGoOn = Atomic(false)
    let fiber = try MovableFiber<Void, Void, Void>(name: "busy") { suspend, _ in
      isRunning.store(true, ordering: .releasing)
      while !mayGoOn.load(ordering: .acquiring) { usleep(100) }
      try suspend()
    }
    let thread = Thread { _ = try? fiber.resume() }
    thread.start()
    while !isRunning.load(ordering: .acquiring) { usleep(100) }
    let errors = [fiberError { try fiber.resume() }, fiberError { try fiber.cancel() }]
    #expect(fiber.state == .running)
    mayGoOn.store(true, ordering: .releasing)
    while !thread.isFinished { usleep(100) }
    #expect(errors.map { $0?.code } == [.running, .running])
    #expect(
      errors.map { $0?.description } == [
        "fiber #\(fiber.id) \"busy\" cannot be resumed: it is running, resumed by someone else; "
          + "resume it when that resume has returned",
        "fiber #\(fiber.id) \"busy\" cannot be cancelled: it is running, resumed by someone else; "
          + "cancel it when that resume has returned",
      ])
    #expect(fiber.state == .suspended)
    try fiber.cancel()
  }

  @Test("that four threads resume at once is resumed by one at a time: each value is yielded once, to one of them")
  func race() throws {
    let count = 20_000
    let fiber = try MovableFiber<Int, Int, Int> { suspend, first in
      // Not atomic: the claims order what the threads do here.
      var sum = first
      for number in 0..<count { sum += try suspend(number) }
      return sum
    }
    struct Share: Sendable {
      var yielded: [Int] = []
      var sent = 0
      var refused = 0
      var other: [String] = []
      var sum: Int?
    }
    let shares = Locked<[Share]>([])
    let threads = (0..<4).map { index in
      Thread {
        var share = Share()
        loop: while true {
          do {
            switch try fiber.resume(index + 1) {
            case .yielded(let number):
              share.yielded.append(number)
              share.sent += index + 1
            case .returned(let sum):
              share.sum = sum
              share.sent += index + 1
              break loop
            }
          } catch let error as FiberError where error.code == .running {
            share.refused += 1
          } catch let error as FiberError where error.code == .finished {
            break loop
          } catch {
            share.other.append("\(error)")
            break loop
          }
        }
        shares.withLock { $0.append(share) }
      }
    }
    for thread in threads { thread.start() }
    for thread in threads { while !thread.isFinished { usleep(1000) } }
    let all = shares.withLock { $0 }
    #expect(all.flatMap(\.other) == [])
    #expect(all.flatMap(\.yielded).sorted() == Array(0..<count))
    #expect(all.allSatisfy { $0.yielded == $0.yielded.sorted() })
    #expect(all.compactMap(\.sum) == [all.map(\.sent).reduce(0, +)])
  }

  @Test("that is cancelled while others resume it ends once, whoever comes first")
  func cancelRace() throws {
    for _ in 0..<200 {
      let ends = Atomic(0)
      let fiber = try MovableFiber<Void, Void, Void>(stackSize: 65536) { suspend, _ in
        defer { ends.add(1, ordering: .relaxed) }
        while true { try suspend() }
      }
      _ = try fiber.resume()
      let refusals = Locked<Set<FiberError.Code>>([])
      let threads = (0..<2).map { index in
        Thread {
          while true {
            do {
              if index == 0 { try fiber.cancel() } else { _ = try fiber.resume() }
              if index == 0 { return }
            } catch let error as FiberError where error.code == .running {
              continue
            } catch {
              _ = refusals.withLock { $0.insert((error as? FiberError)?.code ?? .wrongThread) }
              return
            }
          }
        }
      }
      for thread in threads { thread.start() }
      for thread in threads { while !thread.isFinished { usleep(10) } }
      #expect(ends.load(ordering: .relaxed) == 1)
      #expect(refusals.withLock { $0 } == [.finished])
      #expect(fiber.state == .finished)
    }
  }

  @Test("whose last handle goes on another thread is cancelled there")
  func droppedElsewhere() throws {
    let log = Locked<[UInt]>([])
    let slot = Locked<MovableFiber<Void, Void, Void>?>(nil)
    slot.withLock {
      $0 = try? MovableFiber { suspend, _ in
        defer { log.withLock { $0.append(UInt(pthread_self())) } }
        try suspend()
      }
    }
    let id = try #require(slot.withLock { $0?.id })
    _ = try slot.withLock { $0 }?.resume()
    let there = try onThread {
      slot.withLock { $0 = nil }
      return UInt(pthread_self())
    }
    #expect(log.withLock { $0 } == [there])
    #expect(publishedRecord(id: id) == nil)
  }

  @Test("that has not started lets go of what its body has captured when it is cancelled, and has finished")
  func cancelledNotStarted() throws {
    final class Token: Sendable {}
    weak var seen: Token?
    func make() throws -> MovableFiber<Void, Void, Void> {
      let token = Token()
      seen = token
      return try MovableFiber { _, _ in withExtendedLifetime(token) {} }
    }
    let fiber = try make()
    #expect(seen != nil)
    #expect(try fiber.cancel() == nil)
    #expect(seen == nil)
    #expect(fiber.state == .finished)
    #expect(fiberError { try fiber.resume() }?.code == .finished)
  }

  @Test("that is cancelled answers what its body returns all the same, and throws what else it throws")
  func cancelAnswers() throws {
    struct Failure: Error, Equatable {}
    let returning = try MovableFiber<Void, Void, Int> { suspend, _ in
      do { try suspend() } catch { return 7 }
      return 8
    }
    _ = try returning.resume()
    #expect(try onThread { try returning.cancel() } == 7)
    let throwing = try MovableFiber<Void, Void, Int> { suspend, _ in
      do { try suspend() } catch { throw Failure() }
      return 8
    }
    _ = try onThread { try throwing.resume() }
    #expect(throws: Failure()) { try throwing.cancel() }
    #expect(throwing.state == .finished)
  }

  @Test("is handed on by tasks as by threads")
  func tasks() async throws {
    let fiber = try MovableFiber<Int, Int, Never> { suspend, first in
      var sum = first
      while true { sum += try suspend(sum) }
    }
    for number in 1...100 {
      let outcome = try await Task.detached { try fiber.resume(number) }.value
      #expect(outcome == .yielded(number * (number + 1) / 2))
    }
  }

  @Test("finds where the runtime keeps accesses, on each thread, so that its fence is free where there are none")
  func findsAccesses() throws {
    let fiber = try MovableFiber<Void, Void, Never> { suspend, _ in while true { try suspend() } }
    for _ in 0..<2 {
      let isKnown = try onThread {
        _ = try fiber.resume()
        let list = unsafe ft_thread_access_list()
        return unsafe list.pointee == 0
      }
      #expect(isKnown)
    }
  }
}
