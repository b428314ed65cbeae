import Foundation
import TestSupport
import Testing

@testable import FiberInspection

/// Processes that cannot be read: each has its own line, its own category, and stays as it was.
@Suite struct BadProcessTests {
  private func refusal(_ id: Int32) -> InspectionError? {
    do {
      _ = try Snapshot.capture(processID: id)
      return nil
    } catch {
      return error
    }
  }

  @Test func idsOfNobodyAreNotFound() throws {
    for id in [0, -1, .min, 0x3f_ffff] as [Int32] {
      let error = try #require(refusal(id))
      #expect(error.code == .notFound && error.category == .notFound)
      #expect(error.description.hasPrefix("process \(id): there is no such process"))
    }
  }

  @Test func theAskingProcessIsRefused() throws {
    let error = try #require(refusal(getpid()))
    #expect(error.code == .ownProcess && error.category == .invalidTarget)
  }

  @Test func aZombieIsNamedOne() throws {
    // The shell replaces itself, so that nobody collects its child.
    let program = try RunningProgram("-c", "true & echo $!; exec sleep 600", path: "/bin/sh")
    let id = try #require(Int32(program.firstLine))
    while !(try String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)).contains(") Z") { usleep(1000) }
    let error = try #require(refusal(id))
    #expect(error.code == .zombie && error.category == .invalidTarget)
    #expect(error.description.contains("zombie"))
  }

  @Test func aKernelThreadIsNamedOne() throws {
    let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }
      .filter { (try? ProcessStatus(thread: $0))?.isKernelThread == true }
    // A container shows none; then the check of the flag is all that can be seen.
    guard let id = threads.first else {
      print("not tested here: this machine shows no kernel thread")
      return
    }
    let error = try #require(refusal(id))
    #expect(error.code == .kernelThread && error.category == .invalidTarget)
  }

  @Test func aTracedProcessNamesItsTracer() throws {
    let program = try RunningProgram("many", "2")
    let error = try #require(try Elsewhere.tracing(program.id) { self.refusal(program.id) })
    #expect(error.code == .alreadyTraced && error.category == .notPermitted)
    #expect(error.text.hasPrefix("it is already traced by process "))
    #expect(error.text.contains("("))
    #expect(try Snapshot.capture(processID: program.id).problems.isEmpty)
    try program.expectUnharmed()
  }

  @Test func aThreadIdShowsItsProcessAndSaysSo() throws {
    let program = try RunningProgram("threaded")
    let ids = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(program.id)/task").compactMap { Int32($0) }
    let id = try #require(ids.first { $0 != program.id })
    let snapshot = try Snapshot.capture(processID: id)
    #expect(snapshot.processID == program.id)
    #expect(snapshot.threads.count == 2)
    #expect(snapshot.notes.map(\.description) == ["\(id) is a thread of process \(program.id), which is shown"])
  }

  @Test func anotherUsersProcessIsNotPermitted() throws {
    try #require(geteuid() == 0, "these tests run as root")
    let program = try RunningProgram("many", "2")
    let error = try #require(try Elsewhere.asNobody { self.refusal(program.id) })
    #expect(error.code == .notPermitted && error.category == .notPermitted)
    #expect(error.text == "not permitted: it belongs to uid 0, and this is uid 65534. Run as that user or as root")
    try program.expectUnharmed()
  }

  @Test func anUndumpableProcessOfTheSameUserIsNotPermitted() throws {
    let directory = try TemporaryDirectory()
    let copy = directory.file("fibers")
    try FileManager.default.copyItem(atPath: try FiberProgram.path(), toPath: copy)
    unsafe #expect(chmod(directory.path, 0o755) == 0)
    let program = try RunningProgram(
      "--reuid", "65534", "--clear-groups", copy, "undumpable", path: "/usr/bin/setpriv")
    #expect(program.firstLine == "ready")
    let error = try #require(try Elsewhere.asNobody { self.refusal(program.id) })
    #expect(error.code == .notPermitted)
    #expect(error.text.contains("not dumpable"))
    #expect(try Snapshot.capture(processID: program.id).registries.first?.fibers.count == 1)
    try program.expectUnharmed()
  }

  @Test func aUserReadsHisOwnProcess() throws {
    let directory = try TemporaryDirectory()
    let copy = directory.file("fibers")
    try FileManager.default.copyItem(atPath: try FiberProgram.path(), toPath: copy)
    unsafe #expect(chmod(directory.path, 0o755) == 0)
    let program = try RunningProgram("--reuid", "65534", "--clear-groups", copy, "many", "3", path: "/usr/bin/setpriv")
    let first = try Elsewhere.asNobody { Result { try Snapshot.capture(processID: program.id) } }.get()
    #expect(first.problems.isEmpty)
    #expect(first.registries.first?.fibers.count == 3)
    let files = first.modules.filter {
      if case .file = $0.image { true } else { false }
    }
    #expect(files.count == first.modules.count)
    // Removed: only the program itself can be opened still, through /proc/PID/exe.
    try FileManager.default.removeItem(atPath: copy)
    let second = try Elsewhere.asNobody { Result { try Snapshot.capture(processID: program.id) } }.get()
    #expect(second.registries.first?.fibers.count == 3)
    try program.expectUnharmed()
  }

  @Test func a32BitProcessIsNamedOne() throws {
    let directory = try TemporaryDirectory()
    let source = directory.file("small.c")
    // pause(2) is 29 on i386, write(2) is 4.
    try """
    void _start(void) {
      static const char text[] = "ready\\n";
      long result = 4;
      __asm__ volatile("int $0x80" : "+a"(result) : "b"(1), "c"(text), "d"(6) : "memory");
      for (;;) { result = 29; __asm__ volatile("int $0x80" : "+a"(result)); }
    }
    """.write(toFile: source, atomically: true, encoding: .utf8)
    let output = directory.file("small")
    let built = try run(
      "/usr/bin/env",
      ["clang", "-m32", "-O1", "-ffreestanding", "-nostdlib", "-static", "-fuse-ld=lld", "-o", output, source])
    try #require(built.status == 0, "\(built.report)")
    let program: RunningProgram
    do {
      program = try RunningProgram(path: output)
    } catch {
      print("not tested here: this kernel runs no 32-bit programs (\(error))")
      return
    }
    guard program.firstLine == "ready" else {
      print("not tested here: this kernel runs no 32-bit programs")
      return
    }
    let error = try #require(refusal(program.id))
    #expect(error.code == .otherArchitecture && error.category == .invalidTarget)
    #expect(error.text == "it runs a 32-bit ELF file, expected 64-bit x86-64")
    try program.expectUnharmed()
  }

  @Test func aProcessThatEndsMeanwhileIsAnErrorOrWhole() throws {
    for delay in stride(from: 0 as UInt32, to: 20_000, by: 400) {
      let program = try RunningProgram("many", "300")
      let killer = Thread { [id = program.id] in
        usleep(delay)
        kill(id, SIGKILL)
      }
      killer.start()
      for _ in 0..<200 {
        do {
          let snapshot = try Snapshot.capture(processID: program.id)
          // A process killed half way through its copy is no snapshot.
          #expect(snapshot.registries.first?.fibers.count == 300)
        } catch {
          let codes: [InspectionError.Code] = [.exited, .notFound, .zombie]
          #expect(codes.contains(error.code), "\(error)")
          break
        }
      }
    }
  }

  @Test func everyRefusalOfTheKernelNamesItsCause() {
    func text(user: UInt32 = 1000, all: Bool = false, dumpable: Bool = true, yama: Int? = nil) -> String {
      let caller = Caller(user: user, mayTraceAll: all)
      let permission = Permission(
        process: 7, users: [1000, 1000, 1000], caller: caller, isDumpable: dumpable, yamaScope: yama)
      #expect(permission.error.category == .notPermitted)
      return permission.error.description
    }
    #expect(text(user: 2000).contains("belongs to uid 1000, and this is uid 2000"))
    #expect(text(dumpable: false).contains("not dumpable"))
    for scope in 1...3 { #expect(text(yama: scope).contains("kernel.yama.ptrace_scope is \(scope)")) }
    #expect(text(all: true, yama: 3).contains("kernel.yama.ptrace_scope is 3"))
    #expect(text(all: true, yama: 1).contains("security module"))
    #expect(text(yama: 0).contains("security module"))
    #expect(text().contains("security module"))
  }
}
