import FiberTrace
import Foundation
import Synchronization
import Testing

@Suite("An example of the article \"Moving fibers between threads\"")
struct MovingFibersExamples {
  @Test("is worked off by three threads")
  func pool() throws {
    let output = try printed {
      // example
      let jobs = try (1...8).map { number in
        try MovableFiber<Void, Void, Int>(name: "job \(number)") { suspend, _ in
          var sum = 0
          for step in 1...number {
            sum += step
            try suspend(waiting: "for its turn")
          }
          return sum
        }
      }
      let ready = Mutex(jobs)
      let sums = Mutex<[Int]>([])
      let threads = (1...3).map { _ in
        Thread {
          while let job = ready.withLock({ $0.popLast() }) {
            switch try? job.resume() {
            case .yielded: ready.withLock { $0.insert(job, at: 0) }
            case .returned(let sum): sums.withLock { $0.append(sum) }
            case nil: break
            }
          }
        }
      }
      for thread in threads { thread.start() }
      while !threads.allSatisfy(\.isFinished) { usleep(1000) }
      print(sums.withLock { $0.sorted() })  // [1, 3, 6, 10, 15, 21, 28, 36]
      // end of example
    }
    #expect(output == ["[1, 3, 6, 10, 15, 21, 28, 36]"])
  }

  @Test("moves inside an access to a variable")
  func access() throws {
    let output = try printed {
      // example
      final class Account {
        var balance = 0
        func change(_ body: (inout Int) throws -> Void) rethrows { try body(&balance) }
      }
      let saver = try MovableFiber<Int, Void, Int>(name: "saver") { suspend, first in
        let account = Account()
        try account.change { balance in
          balance += first
          balance += try suspend()
        }
        return account.balance
      }
      _ = try saver.resume(1)
      let result = Mutex<MovableFiber<Int, Void, Int>.Outcome?>(nil)
      let other = Thread { result.withLock { $0 = try? saver.resume(2) } }
      other.start()
      while !other.isFinished { usleep(1000) }
      if case .returned(let balance)? = result.withLock({ $0 }) { print(balance) }  // 3
      // end of example
    }
    #expect(output == ["3"])
  }
}
