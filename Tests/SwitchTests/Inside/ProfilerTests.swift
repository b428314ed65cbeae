internal import Foundation
internal import TestSupport
import Testing

@Suite("perf with frame pointers")
struct ProfilerTests {
  /// Whether the kernel lets this user sample a program at all.
  @Sendable static func perfCanRecord() async throws -> Bool {
    let directory = try TemporaryDirectory()
    let data = directory.file("perf.data")
    let result = try? await CommandQueue.run("perf", ["record", "-q", "-e", "cpu-clock", "-o", data, "true"])
    return result?.succeeded == true
  }

  @Test(
    "Every sample in a fiber has main in its chain",
    .enabled("perf cannot record here: not installed, or kernel.perf_event_paranoid forbids it") {
      try await ProfilerTests.perfCanRecord()
    })
  func samplesReachMain() async throws {
    let builder = try ProgramBuilder()
    let program = try await builder.build(
      ["inside_busy.c"], named: "inside_busy", with: .clang, flags: ["-fno-omit-frame-pointer"])
    let data = builder.path("perf.data")
    let record = try await CommandQueue.run(
      "perf", ["record", "-q", "-e", "cpu-clock", "--call-graph", "fp", "-o", data, program])
    try #require(record.succeeded, "\(record.report)")
    let script = try await CommandQueue.run("perf", ["script", "-i", data, "-F", "ip,sym"])
    try #require(script.succeeded, "\(script.report)")

    // A sample is a paragraph with a line "pc symbol" for each frame.
    let samples = script.output.split(separator: "\n\n").map { sample in
      sample.split(separator: "\n").compactMap { $0.split(separator: " ").last.map(String.init) }
    }
    let own: Set = ["spin", "inner", "outer", "ft_fiber_resume", "ft_fiber_suspend", "ft_fiber_start"]
    let inFiber = samples.filter { !own.isDisjoint(with: $0) }
    #expect(inFiber.count > 100, "too few samples to tell")
    let lost = inFiber.filter { !$0.contains("main") }
    #expect(lost.isEmpty, "\(lost.count) of \(inFiber.count), for instance \(lost.first ?? [])")
    let whole = inFiber.filter { chain in
      chain.starts(with: ["spin", "inner", "ft_fiber_start", "ft_fiber_resume", "outer", "ft_fiber_start"])
    }
    #expect(whole.count > 100, "\(whole.count) of \(inFiber.count) samples show both fibers")
  }
}
