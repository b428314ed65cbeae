import Foundation
import TestSupport
import Testing

/// What a program that `verify` runs or follows notices of it, and how it is told that one cannot be.
@Suite struct VerifyRunRobustnessTests {
  /// Runs a shell script in which `$0` is fibertrace of the release build.
  private func shell(_ script: String, _ arguments: String...) throws -> CommandResult {
    try run("/bin/bash", ["-c", script, Package.release("fibertrace")] + arguments)
  }

  @Test("A program that is run inherits what a shell would give it")
  func inheritance() throws {
    // Not the real-time signals: glibc has two of them for itself.
    let status = "grep -E '^(SigBlk|SigIgn|Umask)' /proc/self/status | sed -E 's/[0-9a-f]{8}([0-9a-f]{8})/\\1/'"
    let show = "\(status); ulimit -Sn; ulimit -Hn; pwd; ls /proc/self/fd; cat"
    let setting = "trap '' URG USR1 INT QUIT; ulimit -Sn 77; umask 027; cd /usr"
    let alone = try shell("\(setting); exec 7</dev/null; echo input | /bin/sh -c \"$1\"", show)
    let followed = try shell(
      "\(setting); exec 7</dev/null; echo input | \"$0\" verify --run --max-steps 1000 --exit-status target -o /dev/null -- "
        + "/bin/sh -c \"$1\"", show)
    #expect(alone.succeeded && alone.output.hasSuffix("input\n"))
    #expect(followed.output == alone.output)
    #expect(followed.status == 0)
  }

  /// Its default would end the command, and leave breakpoints in a process that others own.
  @Test("Every signal that ends programs lets go first", arguments: ["TERM", "HUP", "USR1", "USR2", "ALRM"])
  func signals(_ signal: String) throws {
    let directory = try TemporaryDirectory()
    let program = try RunningProgram("/bin/sh", "-c", "echo; while sleep 0.01; do :; done")
    let result = try shell(
      """
      "$0" verify --attach $1 -o "$2/report" & command=$!
      until grep -q 'TracerPid:.[1-9]' /proc/$1/status; do sleep 0.01; done
      kill -\(signal) $command; wait $command; echo $?
      grep -h TracerPid /proc/$1/task/*/status; cat "$2/report"
      """, program.argument, directory.path)
    let lines = result.lines
    #expect(["0", "1", "3"].contains(lines.first))
    #expect(lines.count > 2 && lines[1] == "TracerPid:\t0", "\(result.report)")
    #expect(result.output.contains("let go at SIG\(signal); it runs on"), "\(result.report)")
  }

  @Test("A 32-bit program runs, and one line says that it is not followed")
  func otherArchitecture() throws {
    let directory = try TemporaryDirectory()
    let program = directory.file("program")
    try Data(Self.exit42).write(to: URL(filePath: program))
    _ = unsafe chmod(program, 0o755)
    // Kernels without it refuse it before anybody can follow it.
    guard try run(program).status == 42 else { return }
    let result = try shell("\"$0\" verify --run -o /dev/null -- \"$1\"", program)
    #expect(result.status == 3)
    #expect(result.errors.contains("it is a 32-bit program: it runs, and is not followed"))
    #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    #expect(try shell("\"$0\" verify --run --exit-status target -o /dev/null -- \"$1\"", program).status == 42)
  }

  /// An i386 file whose only segment has the headers and, at 84, mov eax, 1; mov ebx, 42; int 0x80.
  private static var exit42: [UInt8] {
    func bytes(_ words: [UInt32]) -> [UInt8] {
      words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
    }
    let identification: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    let code: [UInt8] = [0xb8, 1, 0, 0, 0, 0xbb, 42, 0, 0, 0, 0xcd, 0x80]
    // e_type and e_machine, e_version, e_entry, e_phoff, e_shoff, e_flags, e_ehsize and e_phentsize, e_phnum and e_shentsize, the rest.
    let header = bytes([3 << 16 | 2, 1, 0x0804_8054, 52, 0, 0, 32 << 16 | 52, 1, 0])
    let segment = bytes([1, 0, 0x0804_8000, 0x0804_8000, 96, 96, 5, 4096])
    return identification + header + segment + code
  }

  @Test("What cannot be started or followed is one line and exit code 3")
  func refusals() throws {
    let directory = try TemporaryDirectory()
    let script = try directory.write("#!/no/such/interpreter\n", to: "script")
    _ = unsafe chmod(script, 0o755)
    let other = try RunningProgram("/bin/sh", "-c", "echo; exec sleep 1000")
    let refusals = [
      ("--run -- \"$1\"", script, "the interpreter that it names is not there"),
      ("--run -- \"$1\"", directory.file("none"), "there is no such program"),
      ("--run -- \"$1\"", "/etc/passwd", "it is not executable"),
      ("--attach $1", "2147483647", "there is no such process"),
    ]
    for (arguments, target, sentence) in refusals {
      let result = try shell("exec \"$0\" verify \(arguments)", target)
      #expect(result.status == 3)
      #expect(result.errors.contains(sentence) && result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    }
    let traced = try shell(
      """
      "$0" verify --attach $1 -o /dev/null 2>/dev/null & tracer=$!
      until grep -q 'TracerPid:.[1-9]' /proc/$1/status; do sleep 0.01; done
      "$0" verify --attach $1; echo $?; kill $tracer; wait $tracer
      """, other.argument)
    #expect(traced.output == "3\n")
    #expect(traced.errors.contains("it is already traced by process"), "\(traced.errors)")
  }
}
