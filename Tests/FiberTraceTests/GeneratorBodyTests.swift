import TestSupport
import Testing

@Suite("The compiler, about a generator's body")
struct GeneratorBodyTests {
  @Test(
    "tells what to write if it does not say what it throws",
    arguments: [
      """
      let generator = try Generator<Int> { yield in
        for number in 1...3 { try yield(number) }
      }
      """,
      """
      let generator = try Generator<Int>(name: "one", stackSize: 32768) { yield in try yield(1) }
      """,
      """
      let generator = try Generator<Int>(pool: FiberStackPool()) { yield in
        for number in 1...3 { try yield(number) }
      }
      """,
    ])
  func untyped(_ text: String) throws {
    let result = try BuiltModules.compile(text)
    let errors = result.errors.split(separator: "\n").filter { $0.contains("error:") }
    #expect(!errors.isEmpty, "\(result.report)")
    #expect(errors.allSatisfy { $0.contains("{ yield throws(GeneratorStopped) in … }") }, "\(result.report)")
  }

  @Test(
    "accepts one that does, one that throws nothing, and a function",
    arguments: [
      "let generator = try Generator<Int> { yield throws(GeneratorStopped) in try yield(1) }",
      "let generator = try Generator<Int>(pool: FiberStackPool()) { yield throws(GeneratorStopped) in try yield(1) }",
      "let generator = try Generator<Int> { _ in }",
      """
      func body(yield: Generator<Int>.Yield) throws(GeneratorStopped) { try yield(1) }
      let generator = try Generator(body)
      """,
    ])
  func typed(_ text: String) throws {
    let result = try BuiltModules.compile(text)
    #expect(result.succeeded, "\(result.report)")
  }
}
