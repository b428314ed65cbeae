import TestSupport
import Testing

@Suite("The registry's writer")
struct RegistryThreadsTests {
  @Test("gives each record to one thread at a time, as zeros, without a data race")
  func threads() async throws {
    let builder = try ProgramBuilder()
    let program = try await builder.build(
      ["registry_threads.c"], named: "registry_threads", with: .gcc, flags: ["-fsanitize=thread"])
    var result = try await CommandQueue.run(program)
    if result.errors.contains("unexpected memory mapping") {
      // gcc 12's ThreadSanitizer wants fewer random bits in addresses than newer kernels give.
      result = try await CommandQueue.run("setarch", ["--addr-no-randomize", program])
    }
    #expect(result.succeeded, "\(result.report)")
    #expect(!result.errors.contains("WARNING: ThreadSanitizer"), "\(result.report)")
    #expect(result.output.hasPrefix("wrong 0\ntaken 0\n"))
    // 6 threads hold at most 600 each, in chunks of 1,021; a few more when several find all full at once.
    let chunks = try #require(SwitchProgram.number("chunks", in: result.output))
    #expect((1...12).contains(chunks))
  }
}
