internal import FiberTrace
internal import Glibc

/// Adds the numbers it is resumed with, until it is resumed with 0.
typealias Adder = Fiber<Int, Int, Int>

/// What one thread does: it makes fibers, which are its own, and resumes them in turn.
struct Worker: Sendable {
  let number: Int
  let fibers: Int
  let rounds: Int
  /// Where to stand still in the last round, in a fiber in the middle.
  let standing: Rendezvous?

  /// Runs on the calling thread. An error ends the process: other threads may wait for this one to stand.
  func reportOrExit() -> Report {
    do {
      return try run()
    } catch {
      let line = Array("threads: \(error)\n".utf8)
      _ = unsafe write(STDERR_FILENO, line, line.count)
      exit(1)
    }
  }

  private func run() throws -> Report {
    var onThread = 0
    var above = 0
    let adders = try standing?.takeTurn(of: number, makeAdders) ?? makeAdders()
    for round in 1...rounds {
      for adder in adders {
        guard case .yielded(let place) = try adder.resume(round) else { preconditionFailure("an adder ends at 0") }
        if round == 1 {
          // Whose variable lies higher, the fiber's or the thread's.
          unsafe withUnsafePointer(to: &onThread) { above += place > Int(bitPattern: $0) ? 1 : 0 }
        }
      }
    }
    var sum = 0
    for adder in adders {
      if case .returned(let total) = try adder.resume(0) { sum += total }
    }
    return Report(thread: number, sum: sum, above: above)
  }

  private func makeAdders() throws -> [Adder] {
    var adders: [Adder] = []
    for number in 1...fibers {
      adders.append(try makeAdder(number))
    }
    return adders
  }

  @inline(never)
  private func makeAdder(_ adder: Int) throws -> Adder {
    let lastRound =
      adder == (fibers + 1) / 2
      ? standing.map { Standing(round: rounds, place: $0, isOnMainThread: number == 0) } : nil
    return try Adder(name: "adder \(number).\(adder)") { suspend, first in
      try descend(levels: adder, first, suspend, lastRound)
    }
  }
}

/// When an adder stands still, and where.
struct Standing {
  var round: Int
  var place: Rendezvous
  var isOnMainThread: Bool
}

/// Adds at the bottom of `levels` calls.
@inline(never)
func descend(levels: Int, _ first: Int, _ suspend: Adder.Suspend, _ standing: Standing?) throws -> Int {
  guard levels > 1 else { return try add(first, suspend, standing) }
  let sum = try descend(levels: levels - 1, first, suspend, standing)
  // Work after the call, so that the call keeps a frame.
  return sum &+ levels &- levels
}

@inline(never)
func add(_ first: Int, _ suspend: Adder.Suspend, _ standing: Standing?) throws -> Int {
  var number = first
  var sum = 0
  while number != 0 {
    sum += number
    if let standing, number == standing.round { standing.place.stand(onMainThread: standing.isOnMainThread) }
    let place = unsafe withUnsafePointer(to: &sum) { Int(bitPattern: $0) }
    number = try suspend(place, waiting: "for a number")
  }
  return sum
}
