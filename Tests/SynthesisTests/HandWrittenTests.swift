import CallFrameInfo
import ExecutionRecordings
import Foundation
import FrameVerification
import Instructions
import TestSupport
import Testing

/// Functions in assembly whose rows leave out registers: what is synthesized for them recovers what stepping saw.
///
/// The functions are those of the libcrypto at hand that the flow check refutes so, as far as the program gets to them. Where such a
/// function keeps a register nowhere, a row can only say that it is lost ("silent" in the table that is printed): that it may have the same
/// value again when the function returns is the caller's knowledge.
@Suite(.serialized) struct HandWrittenTests {
  private static let library = "/usr/lib/x86_64-linux-gnu/libcrypto.so.3"

  /// Starts of the FDEs that are refuted since a register is not described.
  private static let refuted: Result<Set<UInt64>, any Error> = Result {
    let file = try SynthesizedFile(library)
    guard var check = FlowCheck(table: file.table, facts: file.facts, reader: file.reader) else { return [] }
    var found: Set<UInt64> = []
    for index in file.table.fdes.indices
    where check.check(index).findings.contains(where: { $0.rule.id == "register-not-described" }) {
      found.insert(file.table.fdes[index].addresses.lowerBound)
    }
    return found
  }

  /// With all that this processor can do, without AVX2, BMI and ADX, and without AES, AVX and carry-less products too.
  @Test(arguments: ["", ":0", "~0x1200020200000000:0"])
  func synthesizedRowsRecoverWhatSteppingSaw(_ capabilities: String) throws {
    let functions = try Self.refuted.get()
    #expect(functions.count > 20)
    let directory = try TemporaryDirectory()
    let program = directory.file("crypto")
    let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Programs/crypto.c").path
    let built = try run("gcc", ["-O1", "-o", program, source, "-lcrypto"])
    try #require(built.succeeded, "\(built.report)")
    let previous = ProcessInfo.processInfo.environment["OPENSSL_ia32cap"]
    unsafe setenv("OPENSSL_ia32cap", capabilities, 1)
    defer {
      if let previous { unsafe setenv("OPENSSL_ia32cap", previous, 1) } else { unsafe unsetenv("OPENSSL_ia32cap") }
    }
    let recording = try Recording(
      running: program, module: Self.library, activationsPerFunction: 2, mostSteps: 400_000,
      isRecorded: { functions.contains($0.lowerBound) })
    #expect(recording.status == 0)
    var file = try SynthesizedFile(Self.library)
    print(
      "| function | instructions | stepped | steps | right | silent | wrong | not derived | right by the file's rows |")
    for function in functions.sorted() {
      let tally = VisitTally(recording, in: &file, of: function)
      guard tally.steps > 0 else { continue }
      let before = try recording.visits.count {
        try recording.activations[$0.activation].function == function && isRight(by: file.table, $0, recording)
      }
      print(
        "| \(String(function, radix: 16)) | \(file.lines(at: function).count) | \(tally.stepped.count) | \(tally.steps) "
          + "| \(tally.right) | \(tally.silent) | \(tally.wrong.count) | \(tally.open) | \(before) |")
      #expect(tally.wrong.isEmpty, "\(String(function, radix: 16)): \(tally.wrong.prefix(4))")
      #expect(tally.open == 0, "\(String(function, radix: 16))")
      #expect(before < tally.steps)
    }
  }

  private func isRight(by table: CallFrameTable, _ visit: Visit, _ recording: Recording) throws -> Bool {
    guard let fde = table.fde(at: visit.pc), let row = try table.row(at: visit.pc) else { return false }
    let truth = RecoveredFrame(of: recording.activations[visit.activation])
    let values = RowMeaning(row, cie: table.cie(of: fde), in: table.section(of: fde)).frame(
      VisitContext(recording: recording, visit: visit))
    guard values.cfa == truth.cfa, values.returnAddress == truth.returnAddress else { return false }
    // A row that says of a register that it is as at entry has to be right, whether the function preserves it or not.
    return zip(RowMeaning.registers, values.registers).allSatisfy { number, value in
      number == 7 || value == nil || value == recording.activations[visit.activation].entry[Int(number)]
    }
  }
}
