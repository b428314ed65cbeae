import CallFrameInfo
import ExecutionRecordings
import Foundation
import TestSupport
import Testing

/// What stepping sees is what compilers' rows recover.
struct RecordingTests {
  @Test(
    arguments: [
      ["gcc", "-O0", "frames.c"], ["gcc", "-O2", "frames.c"], ["gcc", "-Os", "frames.c"], ["clang", "-O0", "frames.c"],
      ["clang", "-O2", "-fomit-frame-pointer", "frames.c"], ["g++", "-O0", "exceptions.cpp"],
      ["g++", "-O2", "exceptions.cpp"], ["clang++", "-O0", "exceptions.cpp"], ["clang++", "-Os", "exceptions.cpp"],
      ["swiftc", "-Onone", "-parse-as-library", "kinds.swift"], ["swiftc", "-O", "-parse-as-library", "kinds.swift"],
    ])
  func rowsOfCompilersRecoverWhatSteppingSaw(_ command: [String]) throws {
    let directory = try TemporaryDirectory()
    let program = try SampleProgram(command, in: directory)
    let recording = try Recording(
      running: program.path, notPreserved: command[0] == "swiftc" ? Activation.swiftErrors : 0)
    #expect(recording.status == 0 && recording.limit == nil)
    var wrong: [String] = []
    var defects = 0
    for visit in recording.visits {
      guard let fde = program.table.fde(at: visit.pc), let row = try program.table.row(at: visit.pc) else {
        wrong.append("no row at \(String(visit.pc, radix: 16))")
        continue
      }
      let truth = RecoveredValues(of: recording.activations[visit.activation])
      let values = RecoveredValues(
        by: row, cie: program.table.cie(of: fde), in: program.table.section(of: fde), at: visit, of: recording)
      if values.cfa != truth.cfa || values.returnAddress != truth.returnAddress {
        wrong.append("\(String(visit.pc, radix: 16)): \(values), not \(truth)")
      }
      for (place, number) in RecoveredValues.numbers.enumerated() {
        guard let register = truth.registers[place], values.registers[place] != register else { continue }
        // GCC finds saved registers of realigned frames by way of rbp, and goes on to when rbp is the caller's again: "*(rbp)" for
        // rbp itself, two instructions before the end.
        if case .expression = row.registers[number], command[0] == "gcc" {
          defects += 1
        } else {
          wrong.append("\(String(visit.pc, radix: 16)): register \(number): \(values), not \(truth)")
        }
      }
    }
    #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(5).joined(separator: "\n"))")
    #expect(defects < 10)
    #expect(Set(recording.activations.map(\.function)).count >= 32)
    #expect(recording.visits.count > 1000)
  }

  /// By exception, longjmp and exit some never return; all others are seen to.
  @Test func callsAreSeenToReturn() throws {
    let directory = try TemporaryDirectory()
    let program = try SampleProgram(["gcc", "-O0", "frames.c"], in: directory)
    let recording = try Recording(running: program.path)
    let lost = Set(recording.activations.filter { $0.preserved == nil }.map(\.function))
    #expect(try program.names(of: lost) == ["checked", "finished", "jumps", "main"])
    let kept = recording.activations.filter { $0.preserved != nil && $0.recoverable != Activation.calleeSaved }
    #expect(kept.isEmpty)
  }

  /// A library inside another program.
  @Test func functionsOfALibraryAreRecorded() throws {
    let directory = try TemporaryDirectory()
    let library = directory.path + "/liboperations.so"
    let source = directory.path + "/operations.c"
    try "long twice(long a) { return a * 2; }\nlong thrice(long (*f)(long), long a) { return f(a) + a; }\n"
      .write(toFile: source, atomically: true, encoding: .utf8)
    let user = directory.path + "/user.c"
    try """
    long twice(long), thrice(long (*)(long), long);
    static long own(long a) { return twice(a) + 1; }
    int main(void) { return thrice(own, 4) == 13 ? 0 : 1; }
    """.write(toFile: user, atomically: true, encoding: .utf8)
    #expect(try run("gcc", ["-shared", "-fPIC", "-O1", "-o", library, source]).succeeded)
    let program = directory.path + "/user"
    #expect(try run("gcc", ["-O1", "-o", program, user, library, "-Wl,-rpath,\(directory.path)"]).succeeded)
    let recording = try Recording(running: program, module: library)
    #expect(recording.status == 0)
    // thrice, and twice called by way of the program's own function below it.
    #expect(recording.activations.count == 2)
    #expect(recording.activations.allSatisfy { $0.preserved != nil })
    #expect(recording.activations[1].cfa < recording.activations[0].cfa)
  }

  @Test func aProgramThatCannotRunIsNamed() {
    #expect(throws: RecordingError.self) { try Recording(running: "/nonexistent/program") }
    #expect(throws: (any Error).self) { try Recording(running: "/etc/passwd") }
  }

  @Test func stepsAreBounded() throws {
    let directory = try TemporaryDirectory()
    let program = try SampleProgram(["gcc", "-O0", "frames.c"], in: directory)
    let recording = try Recording(running: program.path, mostSteps: 100)
    #expect(recording.limit == "100 instructions were stepped")
    #expect(recording.visits.count <= 100)
  }
}
