import FiberTrace
import Foundation
import Synchronization
import Testing

@Suite("An example of the article \"Moving fibers between threads\"")
struct MovingFibersExamples {
  @Test("adds on four threads")
  func total() throws {
    let output = try printed {
      // example
      let total = try MovableFiber<Int, Int, Never>(name: "total") { suspend, first in
        var sum = first
        while true { sum += try suspend(sum) }
      }
      let sums = try (1...4).map { number in
        switch try onThread({ try total.resume(number) }) {
        case .yielded(let sum): "\(sum)"
        }
      }
      print(sums.joined(separator: " "))  // 1 3 6 10
      // end of example
    }
    #expect(output == ["1 3 6 10"])
  }

  @Test(
    "is worked off by three threads",
    .enabled(
      if: Sanitizer.current != .thread,
      "ThreadSanitizer does not see that Swift's Mutex, which the example has, orders anything"))
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
      let results = Mutex<[Result<Int, any Error>]>([])
      let threads = (1...3).map { _ in
        Thread {
          while let job = ready.withLock({ $0.popLast() }) {
            do {
              switch try job.resume() {
              case .yielded: ready.withLock { $0.insert(job, at: 0) }
              case .returned(let sum): results.withLock { $0.append(.success(sum)) }
              }
            } catch {
              results.withLock { $0.append(.failure(error)) }
            }
          }
        }
      }
      for thread in threads { thread.start() }
      while !threads.allSatisfy(\.isFinished) { usleep(1000) }
      print(try results.withLock { try $0.map { try $0.get() } }.sorted())  // [1, 3, 6, 10, 15, 21, 28, 36]
      // end of example
    }
    #expect(output == ["[1, 3, 6, 10, 15, 21, 28, 36]"])
  }
}
