import Foundation
import TestSupport
import Testing

@Suite struct CommandLineTests {
  @Test func aProcessWithoutFibersIsCompleteAndSaysSo() throws {
    let program = try RunningProgram("/bin/sh", "-c", "echo ready; exec sleep 100")
    // The shell has printed before it becomes sleep.
    while (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(program.id)/exe"))?.hasSuffix("sleep")
      != true
    { usleep(1000) }
    let result = try fibertrace("dump", program.argument)
    #expect(result.status == 0)
    #expect(result.errors == "")
    #expect(result.lines[0].hasPrefix("sleep, process \(program.id): 1 thread, no fibers; stopped for "))
  }

  @Test(arguments: [
    ["dump"], ["dump", ""], ["dump", "--frames", "0", "1"], ["dump", "--nonsense", "1"], ["nonsense"],
  ])
  func wrongUsageIs64(_ arguments: [String]) throws {
    let result = try run(Package.product("fibertrace"), arguments)
    #expect(result.status == 64)
    #expect(result.errors.contains("Usage: "))
  }

  @Test func optionsForCoresAreRefusedForProcesses() throws {
    #expect(try fibertrace("dump", "1", "--sysroot", "/").status == 64)
  }

  @Test(arguments: ["4194305", "99999999999999999999", "0"])
  func aProcessThatDoesNotExistIs2(_ id: String) throws {
    let result = try fibertrace("dump", id)
    #expect(result.status == 2)
    #expect(result.errors.hasPrefix("fibertrace: process \(id): "))
    #expect(result.errors.split(separator: "\n").count == 1)
    #expect(result.output == "")
  }

  @Test func aNumberIsAProcessAndAPathAFile() throws {
    let directory = try TemporaryDirectory()
    try directory.write("no core", to: "4194305")
    #expect(try fibertrace("dump", "4194305", directory: directory.path).errors.contains("process 4194305"))
    let file = try fibertrace("dump", "./4194305", directory: directory.path)
    #expect(file.status == 2)
    #expect(file.errors.contains("./4194305"))
  }

  @Test func filesThatAreNoCoreAre2() throws {
    let directory = try TemporaryDirectory()
    try directory.write("", to: "empty")
    try directory.write("hello", to: "text")
    for path in [directory.file("empty"), directory.file("text"), directory.file("absent"), directory.path, "/bin/sh"] {
      let result = try fibertrace("dump", path)
      #expect(result.status == 2, "\(path)")
      #expect(result.errors.hasPrefix("fibertrace: "), "\(path)")
      #expect(result.errors.split(separator: "\n").count == 1, "\(path): \(result.errors)")
      #expect(!result.errors.hasSuffix(".\n"), "\(path)")
      if path == "/bin/sh" { #expect(result.errors.contains("name the core, and the program by --executable")) }
    }
  }

  @Test(.enabled(if: getuid() == 0, "needs root, for a process that another user may not read"))
  func anUnprivilegedUserIsTold3AndWhatToDo() throws {
    let program = try RunningProgram("/bin/sh", "-c", "echo ready; exec sleep 100")
    let directory = try TemporaryDirectory()
    // The build's directories are root's own; nobody may read this copy.
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory.path)
    try FileManager.default.copyItem(atPath: Package.product("fibertrace"), toPath: directory.file("fibertrace"))
    let result = try run(
      "/usr/bin/setpriv",
      ["--reuid=65534", "--clear-groups", "--regid=65534", directory.file("fibertrace"), "dump", program.argument])
    #expect(result.status == 3, "\(result.errors)")
    #expect(result.errors.split(separator: "\n").count == 1)
    #expect(result.errors.hasPrefix("fibertrace: process \(program.id): "))
    #expect(program.state == "S")
  }

  @Test func aReaderThatGoesAwayEndsItQuietly() throws {
    let program = try RunningProgram(TestProgram.states.get(), "deep")
    let command = "\(try Package.product("fibertrace")) dump -n 100000 \(program.id) | head -1"
    let result = try run("/bin/sh", ["-c", command])
    #expect(result.output.split(separator: "\n").count == 1)
    #expect(result.errors == "")
  }

  @Test func colorIsForTerminalsThatWantIt() throws {
    let program = try RunningProgram(TestProgram.states.get())
    let command = "\(try Package.product("fibertrace")) dump \(program.id)"
    // script(1) runs it on a terminal.
    let terminal = ["-qec", command, "/dev/null"]
    let colored = try run("/usr/bin/script", terminal, environment: ["TERM": "xterm"])
    #expect(colored.output.contains("\u{1b}[1m"))
    let plain = try run("/usr/bin/script", terminal, environment: ["TERM": "xterm", "NO_COLOR": "1"])
    #expect(!plain.output.contains("\u{1b}"))
    #expect(!(try fibertrace("dump", program.argument).output.contains("\u{1b}")))
  }

  @Test func aNarrowTerminalGetsNarrowColumns() throws {
    let program = try RunningProgram(TestProgram.states.get())
    let command = "\(try Package.product("fibertrace")) dump \(program.id)"
    func place(_ columns: Int) throws -> Int? {
      let shell = ["-qec", "stty cols \(columns); \(command)", "/dev/null"]
      let result = try run("/usr/bin/script", shell, environment: ["TERM": "xterm", "NO_COLOR": "1"])
      let line = try #require(result.lines.first { $0.contains(" outer_body ") })
      return line.range(of: " at ").map { line.distance(from: line.startIndex, to: $0.lowerBound) }
    }
    let (wide, narrow) = try (place(1000), place(20))
    #expect(try #require(narrow) < #require(wide))
  }

  @Test func otherLocalesGetASCII() throws {
    let program = try RunningProgram(TestProgram.states.get())
    let result = try fibertrace("dump", program.argument, environment: ["LANG": "C"])
    #expect(result.output.utf8.allSatisfy { $0 < 0x80 })
  }

  @Test func helpAndVersionAre0() throws {
    let help = try fibertrace("dump", "--help")
    #expect(help.status == 0)
    #expect(help.output.contains("fibertrace dump core.4711"))
    #expect(try fibertrace("--version").output == "fibertrace 0.1.0\n")
  }
}
