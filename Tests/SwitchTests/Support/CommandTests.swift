import TestSupport
import Testing

@Suite("Programs that tests run")
struct CommandTests {
  @Test("A program starts with no signal blocked")
  func noSignalIsBlocked() async throws {
    let result = try await CommandQueue.run("grep", ["SigBlk", "/proc/self/status"])
    #expect(result.output == "SigBlk:\t0000000000000000\n")
  }

  @Test("A program that outlives its time is ended and told from one that ends")
  func timeIsLimited() async throws {
    let late = try await CommandQueue.run("sleep", ["50"], seconds: 1)
    #expect(late.status == 124)
    let early = try await CommandQueue.run("sh", ["-c", "echo out; echo err >&2; kill -9 $$"])
    #expect(early.wasSignalled && early.status == 9 && early.output == "out\n" && early.errors == "err\n")
  }
}
