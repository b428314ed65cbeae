import TestSupport
import Testing

@Suite("The compiler")
struct SendabilityTests {
  private static let notSendable = "final class Shared { var value = 0 }\n"

  @Test(
    "accepts a movable fiber that captures what is Sendable or given away, and is itself handed on",
    arguments: [
      """
      let number = 3
      let fiber = try MovableFiber<Int, Int, Int> { suspend, first in try suspend(first + number) }
      Task { try fiber.resume(1) }
      """,
      """
      func make() throws -> MovableFiber<Void, Int, Void> {
        let mine = Shared()
        mine.value = 1
        return try MovableFiber { suspend, _ in
          mine.value += 1
          try suspend(mine.value)
        }
      }
      """,
      """
      let fiber = try MovableFiber<Void, Int, Void> { suspend, _ in
        let mine = Shared()
        let inner = try Fiber<Void, Shared, Void> { suspend, _ in try suspend(mine) }
        if case .yielded(let shared) = try inner.resume() { try suspend(shared.value) }
      }
      """,
    ])
  func accepts(_ text: String) throws {
    let result = try BuiltModules.compile(Self.notSendable + text)
    #expect(result.succeeded, "\(result.report)")
  }

  @Test(
    "refuses a movable fiber",
    arguments: [
      (
        "whose body captures a reference that the creator keeps",
        """
        func make() throws -> Int {
          let shared = Shared()
          let fiber = try MovableFiber<Void, Int, Void> { suspend, _ in try suspend(shared.value) }
          _ = try fiber.resume()
          shared.value += 1
          return shared.value
        }
        """
      ),
      (
        "whose body captures a parameter, which its caller may keep",
        """
        func make(_ shared: Shared) throws -> MovableFiber<Void, Int, Void> {
          try MovableFiber { suspend, _ in try suspend(shared.value) }
        }
        """
      ),
      (
        "whose body captures a variable that others change",
        """
        func make() throws -> Int {
          var count = 0
          let fiber = try MovableFiber<Void, Void, Void> { suspend, _ in
            count += 1
            try suspend()
          }
          _ = try fiber.resume()
          count += 1
          return count
        }
        """
      ),
      (
        "whose body captures a bound fiber that the creator keeps",
        """
        func make() throws {
          let bound = try Fiber<Void, Void, Void> { suspend, _ in try suspend() }
          let fiber = try MovableFiber<Void, Void, Void> { _, _ in _ = try bound.resume() }
          _ = try fiber.resume()
          _ = try bound.resume()
        }
        """
      ),
      ("that is resumed with a shared reference", "func f(_ fiber: MovableFiber<Shared, Void, Void>) {}"),
      ("that yields a shared reference", "func f(_ fiber: MovableFiber<Void, Shared, Void>) {}"),
      ("that returns a shared reference", "func f(_ fiber: MovableFiber<Void, Void, Shared>) {}"),
      (
        "whose suspend is handed to another thread",
        """
        let fiber = try MovableFiber<Void, Void, Void> { suspend, _ in
          Task { try suspend() }
        }
        """
      ),
    ])
  func refuses(_ what: String, _ text: String) throws {
    let result = try BuiltModules.compile(Self.notSendable + text)
    #expect(!result.succeeded)
    let errors = result.errors.split(separator: "\n").filter { $0.contains("error:") }
    #expect(!errors.isEmpty, "\(result.report)")
    // For the reason meant, and no other.
    let reasons = ["sending", "Sendable", "data race"]
    #expect(errors.allSatisfy { line in reasons.contains { line.contains($0) } }, "\(result.report)")
  }

  @Test("refuses to hand a bound fiber to another thread")
  func bound() throws {
    let result = try BuiltModules.compile(
      """
      func f(_ fiber: Fiber<Void, Void, Void>) {
        Task { try fiber.resume() }
      }
      """)
    #expect(!result.succeeded)
    #expect(result.errors.contains("data race") || result.errors.contains("Sendable"), "\(result.report)")
  }
}
