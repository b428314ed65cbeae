import TestSupport
import Testing

@Suite("Records of our own fibers")
struct RecordCacheTests {
  @Test("come from a cache, with ids of their own, unseen by readers, and bounded by the threads there are at one time")
  func cache() async throws {
    let builder = try ProgramBuilder()
    let program = try await builder.build(["record_threads.c"], named: "record_threads", with: .clang)
    let result = try await CommandQueue.run(program)
    #expect(result.succeeded, "\(result.report)")
    let lines = result.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    let values = try lines.map { try #require(Int($0[1])) }
    try #require(
      lines.map { $0[0] } == [
        "disorder", "created", "lost", "equal", "unended", "created", "highest", "kept", "unended", "grown", "created",
        "highest",
      ], "\(result.report)")
    #expect(values[0...5] == [0, 1_000, 0, 0, 0, 801_000], "\(result.report)")
    // Of each of nine threads at most a block of 64 ids is not used up.
    #expect((801_000...801_000 + 9 * 64).contains(values[6]), "\(result.report)")
    // Nine threads keep at most 32 records each.
    #expect((1...9 * 32).contains(values[7]), "\(result.report)")
    // 2,000 threads, one after the other, with a fiber that outlives each and one created while it ends.
    #expect(values[8] == 1, "\(result.report)")
    // At most one batch more.
    #expect(values[9] <= 16, "\(result.report)")
    #expect(values[10] == 811_000, "\(result.report)")
    #expect((801_000...811_000 + 9 * 64).contains(values[11]), "\(result.report)")
  }

  @Test("pass from thread to thread without a data race")
  func races() async throws {
    let builder = try ProgramBuilder()
    let program = try await builder.build(
      ["record_threads.c"], named: "record_races", with: .gcc, flags: ["-fsanitize=thread"])
    var result = try await CommandQueue.run(program)
    if result.errors.contains("unexpected memory mapping") {
      // As in RegistryThreadsTests.
      result = try await CommandQueue.run("setarch", ["--addr-no-randomize", program])
    }
    #expect(result.succeeded, "\(result.report)")
    #expect(!result.errors.contains("WARNING: ThreadSanitizer"), "\(result.report)")
    #expect(result.output.hasPrefix("disorder 0\n"))
  }
}
