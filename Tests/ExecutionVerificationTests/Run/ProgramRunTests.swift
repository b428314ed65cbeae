import CallFrameInfo
import Foundation
import TestSupport
import Testing

@testable import ExecutionVerification

/// Programs that leave their frames in every way there is: no row that compilers wrote is called wrong.
@Suite("Real programs are followed without a false alarm")
struct ProgramRunTests {
  /// A program of `Programs`, and how it is built and ends.
  struct Sample: Sendable, CustomTestStringConvertible {
    var source: String
    var compiler = "gcc"
    var options: [String] = []
    var status: Int32 = 0
    var mode = RunOptions.Mode.sampled(activations: 3)
    /// Threads of all processes, at least.
    var threads = 1
    /// It is built with the switch of our own runtime.
    var hasSwitch = false

    var testDescription: String {
      if case .sampled(let activations) = mode { return "\(source), \(activations) of each function" }
      return "\(source), every step"
    }
  }

  /// Files of `Sources/CFiberAsm` that the switch consists of.
  private static let switchFiles = [
    "fiber_x86_64.S", "registry.c", "records.c", "personality.c", "sanitizers.c", "stacks.c", "catches.c",
    "float_control.c",
  ]

  static let samples = [
    Sample(source: "longjmps.c"), Sample(source: "longjmps.c", mode: .all),
    Sample(source: "throwing.cpp", compiler: "g++"),
    Sample(source: "alternate_stack.c"), Sample(source: "alternate_stack.c", mode: .all),
    Sample(source: "children.c", threads: 8), Sample(source: "children.c", mode: .all, threads: 8),
    Sample(source: "frames.c", options: ["-O2", "-Wl,-z,lazy"], status: 42),
    Sample(source: "frames.c", options: ["-O2", "-Wl,-z,lazy"], status: 42, mode: .all),
    Sample(source: "clocks.c"), Sample(source: "clocks.c", mode: .all),
    Sample(source: "contexts.c", threads: 2),
    Sample(source: "setcontexts.c"),
    Sample(source: "cancelled.c", threads: 18),
    Sample(source: "cancelled.c", mode: .sampled(activations: 1), threads: 18),
    Sample(source: "late_fibers.c", mode: .sampled(activations: 1), hasSwitch: true),
    Sample(source: "late_fibers.c", mode: .sampled(activations: 2), hasSwitch: true),
    Sample(source: "boost_switch.cpp", compiler: "g++", options: ["-lboost_context"], threads: 2),
    Sample(source: "boost_fibers.cpp", compiler: "g++", options: ["-lboost_context"]),
  ]

  @Test("A program runs as it would alone, and nothing is refuted but glibc's swapcontext", arguments: samples)
  func sample(_ sample: Sample) throws {
    let directory = try TemporaryDirectory()
    let program = directory.file("program")
    let source = "\(Package.root)/Tests/ExecutionVerificationTests/Programs/\(sample.source)"
    let sources = "\(Package.root)/Sources/CFiberAsm"
    let switching = sample.hasSwitch ? ["-I", "\(sources)/include"] + Self.switchFiles.map { "\(sources)/\($0)" } : []
    let built = try run(
      "/usr/bin/env", [sample.compiler, "-g", "-O1", "-pthread", "-o", program, source] + switching + sample.options)
    try #require(built.succeeded, "\(built.report)")
    var options = RunOptions()
    options.mode = sample.mode
    let report = try ProgramRun(program: program, arguments: [], options: options).run()
    #expect(report.ending == .exited(sample.status))
    #expect(report.threads >= sample.threads)
    #expect(report.problems.isEmpty, "\(report.problems)")
    let module = try #require(report.modules.first { $0.path.hasSuffix("/program") })
    #expect(module.seen.count > 20 && module.activations.count > 1, "\(module.seen.count) instructions")
    let swapcontext = try self.swapcontext
    let refuted = report.mismatches.filter {
      !(report.modules[$0.module].path.hasSuffix("/libc.so.6") && swapcontext.contains($0.address))
    }
    #expect(refuted.isEmpty, "\(refuted.prefix(3).map { "\(report.modules[$0.module].path): \($0)" })")
  }

  /// Its rows do not tell that r12 is overwritten, nor that the return address is not on the new stack yet.
  private var swapcontext: Range<UInt64> {
    get throws {
      let path = "/usr/lib/x86_64-linux-gnu/libc.so.6"
      let bytes = ByteArray([UInt8](try Data(contentsOf: URL(filePath: path))), name: path)
      let file = try ELFFile(reading: bytes)
      let section = try #require(file.section(named: ".dynsym"))
      let symbols = try file.symbols(of: section)
      let symbol = try #require(symbols.first { symbols.name(of: $0) == "swapcontext" })
      return symbol.value..<symbol.value + symbol.size
    }
  }
}
