import Foundation
import TestSupport
import Testing

/// The same threads by eu-stack and by gdb.
@Suite struct OtherDebuggersTests {
  /// Functions of threads.c; those of libc have several names, and gdb adds frames of tail calls there.
  private let ours: Set<String> = [
    "innermost_inlined", "outer_inlined", "count_down", "wait_for_ever", "handler", "interrupt_self", "thread_main",
    "main",
  ]

  @Test func threadsHaveTheFramesOfEuStack() throws {
    let program = try RunningProgram(TestProgram.threads.get())
    let peer = try run("/usr/bin/env", ["eu-stack", "-p", program.argument])
    var expected: [String: [String]] = [:]
    var thread = ""
    for line in peer.lines {
      let fields = line.split(separator: " ").map(String.init)
      if line.hasPrefix("TID ") { thread = String(fields[1].dropLast()) }
      if line.hasPrefix("#") { expected[thread, default: []].append(fields.count > 2 ? fields[2] : "") }
    }
    let text = DumpText(try fibertrace("dump", program.argument).output)
    try #require(expected.count == 8)
    for (thread, names) in expected {
      let frames = text.frames("thread \(thread)").filter { !$0.isInlined }
      #expect(frames.count == names.count, "thread \(thread)")
      for (frame, name) in zip(frames, names) where ours.contains(name) || ours.contains(frame.name) {
        #expect(frame.name == name, "thread \(thread)")
      }
    }
  }

  @Test func threadsHaveTheFunctionsAndLinesOfGDB() throws {
    let program = try RunningProgram(TestProgram.threads.get())
    let peer = try run(
      "/usr/bin/env", ["gdb", "-batch", "-nx", "-p", program.argument, "-ex", "thread apply all bt"])
    var expected: [String: [String]] = [:]
    var thread = ""
    for line in peer.lines {
      if let match = line.firstMatch(of: /^Thread .*\(LWP ([0-9]+)\)/) { thread = String(match.1) }
      if let match = line.firstMatch(of: /^#[0-9]+ +(?:0x[0-9a-f]+ in )?([^ ]+) .* at .*\/([^\/]+:[0-9]+)$/),
        ours.contains(String(match.1))
      {
        expected[thread, default: []].append("\(match.1) \(match.2)")
      }
    }
    let text = DumpText(try fibertrace("dump", program.argument).output)
    try #require(expected.count == 8)
    for (thread, functions) in expected {
      let frames = text.frames("thread \(thread)").filter { ours.contains($0.name) }
      #expect(frames.map { "\($0.name) \($0.place)" } == functions, "thread \(thread)")
    }
  }
}
