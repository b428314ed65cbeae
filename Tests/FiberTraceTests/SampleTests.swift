import Foundation
import TestSupport
import Testing

@Suite("The sample")
struct SampleTests {
  @Test("nested shows a backtrace through three fibers to main")
  func nested() throws {
    let run = try run(Package.product("nested"), [])
    #expect(run.status == 0)
    let lines = run.output.split(separator: "\n")
    let order = [
      "runInner", "\"inner\" resumed by", "runMiddle", "\"middle\" resumed by", "runOuter", "\"outer\" resumed by",
      "startOuter",
      "main", "_start", "outer > middle > inner has come back",
    ]
    var rest = lines[...]
    for word in order {
      let index = rest.firstIndex { $0.contains(word) }
      #expect(index != nil, "\(word) is missing, or out of order")
      rest = rest[(index ?? rest.startIndex)...].dropFirst()
    }
    #expect(rest.isEmpty)
  }

  @Test("nested says so, and in one line, where libunwind cannot be loaded")
  func noLibunwind() throws {
    let directory = try TemporaryDirectory()
    // The dynamic linker finds this before the real one.
    try directory.write("", to: "libunwind.so.8")
    let run = try run(Package.product("nested"), [], environment: ["LD_LIBRARY_PATH": directory.path])
    #expect(run.status == 1)
    #expect(run.errors.hasPrefix("nested: no backtraces: "))
    #expect(run.errors.hasSuffix("libunwind.so.8: file too short; install libunwind8\n"))
    #expect(run.errors.count { $0 == "\n" } == 1)
  }

  @Test("ring passes its token fibers × rounds times")
  func ring() throws {
    let run = try run(Package.product("ring"), ["--fibers", "7", "--rounds", "11"])
    #expect(run.output == "ring: the token was passed 77 times in 11 rounds\n")
    #expect(run.status == 0)
  }

  @Test(
    "prints one line when it stands, and sleeps until it is killed",
    arguments: [
      ("nested", "stands three fibers deep; Ctrl-C ends it"),
      ("ring", "stands with the token at passer 3 in round 3; Ctrl-C ends it"),
      ("crowd", "holds 1000 fibers, 980 of them suspended; Ctrl-C ends it"),
      ("threads", "stands in a fiber of each of 5 threads; Ctrl-C ends it"),
      ("generator", "stands after 'the quick'; Ctrl-C ends it"),
    ])
  func pauses(name: String, line: String) throws {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: try Package.product(name))
    process.arguments = ["--pause"]
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    #expect(text.split(separator: "\n").last ?? "" == "\(name): pid \(process.processIdentifier) \(line)")
    #expect(text.hasSuffix("\n"))
    #expect(process.isRunning)
    // Not SIGTERM: threads of the test program block it, and their children inherit that.
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal)
  }

  @Test(
    "refuses bad arguments with its usage",
    arguments: [
      ("nested", ["--paws"]), ("ring", ["--fibers"]), ("ring", ["--fibers", "0"]), ("ring", ["--rounds", "many"]),
      ("ring", ["7"]), ("crowd", ["--fibers", "0"]), ("crowd", ["--seed", "-1"]), ("crowd", ["7"]),
      ("threads", ["--threads", "0"]), ("threads", ["--rounds", "many"]), ("generator", ["--paws"]),
    ])
  func usage(name: String, arguments: [String]) throws {
    let run = try run(Package.product(name), arguments)
    #expect(run.status == 64)
    #expect(run.output.isEmpty)
    #expect(run.errors.lowercased().contains("usage: \(name) "))
  }

  @Test(
    "prints its usage when asked for",
    arguments: ["nested", "ring", "crowd", "threads", "generator"], ["--help", "-h"])
  func help(name: String, option: String) throws {
    let run = try run(Package.product(name), [option])
    #expect(run.status == 0)
    #expect(run.errors.isEmpty)
    #expect(run.output.lowercased().contains("usage: \(name) "))
  }

  @Test(
    "ring says in one line when there is no memory for so many fibers",
    .enabled(if: Sanitizer.isNone, "sanitizers need more address space than is given here"))
  func tooManyFibers() throws {
    let command = try ["-c", "ulimit -v 4000000; exec \"$0\" --fibers \(Int.max)", Package.product("ring")]
    let run = try run("/bin/sh", command)
    #expect(run.status == 1)
    #expect(run.errors.hasPrefix("ring: cannot map "), "\(run.errors.prefix(1000))")
    #expect(run.errors.count { $0 == "\n" } == 1)
  }

  @Test("threads adds up the same on each thread, on stacks above and below its own")
  func threads() throws {
    let run = try run(Package.product("threads"), ["--threads", "6", "--fibers", "3", "--rounds", "100"])
    #expect(run.status == 0)
    let lines = run.output.split(separator: "\n")
    #expect(lines.count == 7)
    #expect(lines.allSatisfy { $0.contains("'s fibers have added up 15150; ") })
    #expect(lines.first?.hasPrefix("threads: the main thread's ") == true)
    // The main thread's stack is the highest of all; those of threads 2, 4 and 6 are the lowest.
    let above = lines.map { $0.hasSuffix("stacks above its own: 3") }
    let none = lines.map { $0.hasSuffix("stacks above its own: 0") }
    #expect(none.first == true)
    #expect(above.count == 7 && above[2] && above[4] && above[6])
  }

  @Test("generator makes as many elements as are asked for")
  func generator() throws {
    let run = try run(Package.product("generator"), [])
    #expect(run.status == 0)
    #expect(
      run.output == """
        primes: [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]
        after these: [31, 37, 41]
        leaves: the quick brown fox
        two shapes of it differ: nowhere
        another tree differs: at leaf 2

        """)
  }

  @Test(
    "keeps the note that leads to its registry, also when stripped",
    arguments: ["nested", "ring", "crowd", "threads", "generator"])
  func note(name: String) throws {
    let program = try Package.product(name)
    let directory = try TemporaryDirectory()
    let stripped = directory.file("stripped")
    let strip = try run("/usr/bin/strip", ["--strip-all", "-o", stripped, program])
    #expect(strip.status == 0)
    for file in [program, stripped] {
      let notes = try run("/usr/bin/readelf", ["--notes", "--wide", file]).output
      #expect(notes.contains(".note.fibertrace"))
      #expect(notes.contains("FiberTrace           0x00000008"))
    }
  }
}
