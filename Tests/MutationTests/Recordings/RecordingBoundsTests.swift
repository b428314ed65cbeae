import ExecutionRecordings
import Foundation
import TestSupport
import Testing

/// A recording ends, and its program with it.
struct RecordingBoundsTests {
  @Test func `a program that cannot run is named`() {
    #expect(throws: RecordingError.self) { try Recording(running: "/nonexistent/program") }
    #expect(throws: (any Error).self) { try Recording(running: "/etc/passwd") }
  }

  @Test func `steps are bounded, and the program is dead then`() throws {
    let source = """
      #include <stdio.h>
      #include <unistd.h>
      int main(int count, char **arguments) {
        (void)count;
        FILE *file = fopen(arguments[1], "w");
        fprintf(file, "%d", getpid());
        fclose(file);
        for (volatile long n = 0;; n++) {}
      }
      """
    let directory = try TemporaryDirectory()
    let program = try SampleProgram(source: source, ["gcc", "-O0"])
    let recording = try Recording(running: program.path, arguments: [directory.file("id")], mostSteps: 200)
    #expect(recording.limit == "200 instructions were stepped")
    #expect(recording.steps == 200 && recording.visits.count < 100)
    let id = try #require(Int32(String(contentsOfFile: directory.file("id"), encoding: .utf8)))
    #expect(kill(id, 0) == -1 && errno == ESRCH)
  }

  @Test(arguments: ["pause();", "signal(SIGALRM, SIG_IGN); for (;;) {}"])
  func `time is bounded, also where nothing is stepped`(_ body: String) throws {
    // Not in a recorded function: main is left out below.
    let source = "#include <signal.h>\n#include <unistd.h>\nint main(void) { \(body) return 0; }\n"
    let program = try SampleProgram(source: source, ["gcc", "-O1"])
    let main = try program.addresses(of: "main")
    let recording = try Recording(running: program.path, seconds: 1) { $0 != main }
    #expect(recording.limit == "its time was over")
  }

  @Test func `a program that fails says so by its status`() throws {
    let program = try SampleProgram(
      source: "#include <stdlib.h>\nint main(int n, char **v) { (void)v; if (n > 1) return 3; abort(); }\n",
      ["gcc", "-O1"])
    #expect(try Recording(running: program.path).status & 0x7f == SIGABRT)
    #expect(try Recording(running: program.path, arguments: ["more"]).status == 3 << 8)
  }

  @Test func `only the first calls are stepped, and others cost no steps`() throws {
    let source = """
      static volatile long sink;
      __attribute__((noinline)) long step(long n) { return n * 3 + sink; }
      __attribute__((noinline)) long outer(long n) { for (int i = 0; i < 100; i++) sink = step(n + i); return sink; }
      int main(void) { for (int i = 0; i < 20; i++) sink = outer(i); return sink == 1; }
      """
    let program = try SampleProgram(source: source, ["gcc", "-O1"])
    let recording = try Recording(running: program.path, activationsPerFunction: 2)
    #expect(recording.status == 0)
    func count(_ name: String) throws -> Int {
      let start = try program.addresses(of: name).lowerBound
      return recording.activations.filter { $0.function == start }.count
    }
    #expect(try count("step") == 2 && count("outer") == 2 && count("main") == 1)
    #expect(recording.steps < 3000)
  }
}
