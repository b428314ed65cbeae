import FiberTrace
import Foundation
import Synchronization
import Testing

@Suite("A movable fiber that several threads want")
struct MovableRaceTests {
  @Test("and that runs cannot be resumed or cancelled, and nobody waits for it")
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
    thread.join()
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

  @Test("four at once, is resumed by one at a time: each value is yielded once, to one of them")
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
    for thread in threads { thread.join() }
    let all = shares.withLock { $0 }
    #expect(all.flatMap(\.other) == [])
    #expect(all.flatMap(\.yielded).sorted() == Array(0..<count))
    #expect(all.allSatisfy { $0.yielded == $0.yielded.sorted() })
    #expect(all.compactMap(\.sum) == [all.map(\.sent).reduce(0, +)])
  }

  @Test("one to cancel, others to resume, ends once, whoever comes first")
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
      for thread in threads { thread.join() }
      #expect(ends.load(ordering: .relaxed) == 1)
      #expect(refusals.withLock { $0 } == [.finished])
      #expect(fiber.state == .finished)
    }
  }

  @Test("one to cancel while another runs it to its end, has no error but that it runs")
  func cancelNearTheEnd() throws {
    let ending = Progress()
    let cancelled = Progress()
    let pool = try FiberStackPool(stackSize: 16384)
    let fibers = try (1...8192).map { number in
      try MovableFiber<Void, Void, Void>(pool: pool) { _, _ in ending.count.store(number, ordering: .releasing) }
    }
    let refusals = Locked<Set<FiberError.Code>>([])
    let canceller = Thread {
      for (index, fiber) in fibers.enumerated() {
        while ending.count.load(ordering: .acquiring) <= index {}
        // Each time at another moment of the end.
        for _ in 0..<(index % 128) { _ = cancelled.count.load(ordering: .relaxed) }
        do {
          try fiber.cancel()
        } catch {
          _ = refusals.withLock { $0.insert((error as? FiberError)?.code ?? .wrongThread) }
        }
        cancelled.count.store(index + 1, ordering: .releasing)
      }
    }
    canceller.start()
    for (index, fiber) in fibers.enumerated() {
      _ = try fiber.resume()
      while cancelled.count.load(ordering: .acquiring) <= index {}
    }
    canceller.join()
    #expect(refusals.withLock { $0 }.isSubset(of: [.running]))
  }
}

/// How many of a row of fibers are done.
private final class Progress: Sendable {
  let count = Atomic(0)
}
