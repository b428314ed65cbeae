import CallFrameInfo
import ExecutionRecordings
import Foundation
import TestSupport
import Testing

/// What stepping sees is what compilers' rows recover.
struct RecordingTests {
  @Test(arguments: [["gcc", "-O0"], ["gcc", "-O2"], ["clang", "-O0"], ["clang", "-Os"]])
  func compilersRowsRecoverWhatSteppingSaw(_ compiler: [String]) throws {
    let directory = try TemporaryDirectory()
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Programs/frames.c").path
    let program = directory.path + "/frames"
    _ = try run(compiler[0], [compiler[1], "-g0", "-w", "-o", program, source])
    let recording = try Recording(running: program)
    #expect(recording.status == 0 && recording.limit == nil)
    let elf = try ELFFile(reading: ByteArray([UInt8](Data(contentsOf: URL(fileURLWithPath: program))), name: program))
    var problems: [ELFError] = []
    let table = CallFrameTable(of: elf, problems: &problems)
    var wrong: [String] = []
    for visit in recording.visits {
      let activation = recording.activations[visit.activation]
      guard let fde = table.fde(at: visit.pc), let row = try table.row(at: visit.pc) else {
        wrong.append("no row at \(String(visit.pc, radix: 16))")
        continue
      }
      let truth = RecoveredValues(of: activation)
      let values = RecoveredValues(
        by: row, cie: table.cie(of: fde), in: table.section(of: fde), at: visit, of: recording)
      if values.cfa != truth.cfa || values.returnAddress != truth.returnAddress
        || zip(values.registers, truth.registers).contains(where: { $1 != nil && $0 != $1 })
      {
        wrong.append("\(String(visit.pc, radix: 16)): \(values), not \(truth)")
      }
    }
    print("\(compiler): \(recording.activations.count) calls, \(recording.visits.count) visits,", Set(recording.visits.map(\.pc)).count, "instructions,", Set(recording.activations.map(\.function)).count, "functions")
    #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(5).joined(separator: "\n"))")
  }
}
