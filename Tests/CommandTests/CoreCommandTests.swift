import Foundation
import TestSupport
import Testing

/// `fibertrace core` as a user meets it.
@Suite struct CoreCommandTests {
  @Test func itSaysWhatItHasWritten() throws {
    let directory = try TemporaryDirectory()
    let program = try RunningProgram(TestProgram.states.get())
    let result = try fibertrace("core", program.argument, "-o", directory.file("core"))
    #expect(result.status == 0, "\(result.report)")
    #expect(
      result.output.contains(
        /^.*\/core: [0-9]+\.[0-9] MiB \([0-9]+\.[0-9] MiB written\), 2 threads, 5 fibers; stopped for [0-9]+ ms\n$/))
    #expect(result.errors == "fibertrace: 1 fiber without frames is not among the threads: 1 finished\n")
    #expect(program.state == "S")
    let again = try fibertrace("core", directory.file("core"), "-o", directory.file("again"), "--only-stacks")
    #expect(again.status == 0 && again.output.hasSuffix(" 2 threads, 5 fibers\n"), "\(again.report)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == ["again", "core"])
    let mode = try FileManager.default.attributesOfItem(atPath: directory.file("core"))[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  /// The pool's guards are marks where the system has them: gcore loses all of these stacks.
  @Test(arguments: [[], ["--only-stacks"]]) func aDumpOfACrowdsCoreIsThatOfTheCrowd(options: [String]) throws {
    let directory = try TemporaryDirectory()
    let program = try RunningProgram(Package.product("crowd"), "--fibers", "500", "--pause")
    let live = try fibertrace("dump", program.argument)
    let written = try run(
      Package.product("fibertrace"), ["core", program.argument, "-o", directory.file("core")] + options)
    #expect(written.status == 0, "\(written.report)")
    #expect(written.output.contains(" 1 thread, 495 fibers;"))
    let dump = try fibertrace("dump", directory.file("core"))
    #expect(dump.status == 0, "\(dump.errors)")
    let isSame = dump.lines.dropFirst() == live.lines.dropFirst()
    #expect(isSame)
  }

  @Test func badInputIsOneClearLineAndLeavesNothing() throws {
    let directory = try TemporaryDirectory()
    let program = try RunningProgram(TestProgram.states.get())
    try directory.write("not a core", to: "text")
    try FileManager.default.createDirectory(atPath: directory.file("folder"), withIntermediateDirectories: false)
    func expect(
      _ target: String, _ output: String, _ status: Int32, _ text: String, _ location: SourceLocation = #_sourceLocation
    ) throws {
      let result = try fibertrace("core", target, "-o", output)
      #expect(result.status == status, "\(result.report)", sourceLocation: location)
      #expect(result.output == "", sourceLocation: location)
      #expect(result.errors.hasPrefix("fibertrace: "), sourceLocation: location)
      #expect(result.errors.contains(text), "\(result.errors)", sourceLocation: location)
      #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)", sourceLocation: location)
    }
    try expect(program.argument, directory.file("folder"), 1, "a directory: name a file in it")
    try expect(program.argument, directory.file("none/core"), 1, "No such file or directory")
    try expect(program.argument, "/dev/null", 1, "not a regular file")
    try expect("4194305", directory.file("core"), 2, "process 4194305: there is no such process")
    try expect(directory.file("text"), directory.file("core"), 2, "not a core: it does not start as an ELF file does")
    try expect(directory.file("absent"), directory.file("core"), 2, "there is no such file")
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() == ["folder", "text"])
    #expect(program.state == "S")
  }

  @Test(arguments: [
    ["core"], ["core", "1"], ["core", "", "-o", "x"], ["core", "1", "-o", ""], ["core", "1", "-o", "-"],
    ["core", "1", "-o", "x", "--sysroot", "/"],
  ])
  func wrongUsageIs64(_ arguments: [String]) throws {
    #expect(try run(Package.product("fibertrace"), arguments).status == 64)
  }

  /// A limit on the size of files ends a write as a full disk does.
  @Test func aFileThatGrowsTooLargeIsRemovedAndTheOldOneStays() throws {
    let directory = try TemporaryDirectory()
    let program = try RunningProgram(TestProgram.states.get())
    try directory.write("before", to: "core")
    let result = try run(
      "/bin/sh",
      [
        "-c", "ulimit -f 40; exec \"$0\" \"$@\"", Package.product("fibertrace"), "core", program.argument, "-o",
        directory.file("core"),
      ])
    #expect(result.status == 1, "\(result.report)")
    #expect(result.errors.contains("File too large: the core was removed"), "\(result.errors)")
    #expect(try String(contentsOfFile: directory.file("core"), encoding: .utf8) == "before")
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["core"])
    #expect(program.state == "S")
  }

  @Test(arguments: ["TERM", "INT", "HUP", "PIPE"]) func aSignalLeavesNeitherAPartNorAStoppedProcess(signal: String)
    throws
  {
    let directory = try TemporaryDirectory()
    let program = try RunningProgram(Package.product("crowd"), "--fibers", "3000", "--pause")
    // As soon as its file is there, which is before the process is stopped, and at other moments after that.
    for delay in ["0", "0.02", "0.05", "0.1", "0.2"] {
      let script = """
        "$0" core "$1" -o "$2/core" & id=$!
        while [ -d /proc/$id ] && [ -z "$(ls "$2")" ]; do :; done
        sleep \(delay); kill -\(signal) $id; wait $id
        """
      let result = try run(
        "/bin/bash", ["-c", script, Package.product("fibertrace"), program.argument, directory.path])
      let left = try FileManager.default.contentsOfDirectory(atPath: directory.path)
      // Done already, or gone without a trace.
      #expect(left == (result.status == 0 ? ["core"] : []), "\(delay): \(result.report)")
      for name in left { try FileManager.default.removeItem(atPath: directory.file(name)) }
      // Not "T" or "t": it may just be on its way back to sleep.
      #expect(program.state == "S" || program.state == "R")
      #expect(try fibertrace("dump", program.argument, "--threads").status == 0)
    }
  }

  @Test func aReaderThatGoesAwayIsNoHarm() throws {
    let directory = try TemporaryDirectory()
    let program = try RunningProgram(TestProgram.states.get())
    let script = "\"$0\" core \"$1\" -o \"$2/core\" | true; \"$0\" core \"$1\" -o \"$2/closed\" >&- 2>&-; ls \"$2\""
    let result = try run("/bin/bash", ["-c", script, Package.product("fibertrace"), program.argument, directory.path])
    #expect(result.lines == ["closed", "core"])
    #expect(program.state == "S")
  }
}
