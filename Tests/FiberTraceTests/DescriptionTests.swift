import FiberTrace
import Testing

@Suite("Described, a handle")
struct DescriptionTests {
  @Test("is its fiber's id and name, as in errors")
  func handles() throws {
    let fiber = try Fiber<Void, Void, Void>(name: "bound") { _, _ in }
    let movable = try MovableFiber<Void, Void, Void>(name: "moves") { _, _ in }
    #expect("\(fiber)" == "fiber #\(fiber.id) \"bound\"")
    #expect("\(movable)" == "fiber #\(movable.id) \"moves\"")
    _ = try fiber.resume()
    let refusal = #expect(throws: FiberError.self) { try fiber.resume() }
    #expect(try #require(refusal).description.hasPrefix("\(fiber) cannot be resumed"))
  }

  @Test("of a generator is that of its fiber")
  func generators() throws {
    let generator = try Generator<FiberIdentity?>(name: "plain") { yield throws(GeneratorStopped) in
      try yield(Fiber.current)
    }
    let throwing = try ThrowingGenerator<FiberIdentity?>(name: "throwing") { yield in try yield(Fiber.current) }
    #expect("\(generator)" == "\(try #require(generator.next() ?? nil))")
    #expect("\(throwing)" == "\(try #require(try throwing.next() ?? nil))")
    #expect("\(generator)".hasSuffix(" \"plain\""))
    #expect("\(throwing)".hasSuffix(" \"throwing\""))
  }

  @Test("without a name is its fiber's id")
  func nameless() throws {
    let fiber = try Fiber<Void, Void, Void> { _, _ in }
    #expect("\(fiber)" == "fiber #\(fiber.id)")
  }
}
