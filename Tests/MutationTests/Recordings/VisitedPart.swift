import CallFrameInfo
import ExecutionRecordings
import Instructions

/// What of a program a recording has seen.
struct VisitedPart: CustomStringConvertible {
  let visits: Int
  let steps: Int
  /// Distinct instructions visited.
  let instructions: Int
  /// Functions entered.
  let functions: Int
  /// Functions with an FDE, without stubs.
  let allFunctions: Int
  /// The instructions of functions that were entered, as they are decoded from their first one on.
  let allInstructions: Int

  var percent: Double { 100 * Double(instructions) / Double(max(1, allInstructions)) }

  init(_ recording: Recording, of program: SampleProgram) throws {
    visits = recording.visits.count
    steps = recording.steps
    let pcs = Set(recording.visits.map(\.pc))
    let entered = Set(recording.activations.map(\.function))
    let code = try program.elf.sections.filter { $0.isExecutable && !$0.name.hasPrefix(".plt") }.map {
      (start: $0.address, bytes: try program.elf.contents(of: $0))
    }
    let disassembler = Disassembler()
    var functions = 0
    var instructions = 0
    for fde in program.table.fdes {
      guard
        let section = code.first(where: {
          $0.start <= fde.addresses.lowerBound && fde.addresses.upperBound <= $0.start + UInt64($0.bytes.count)
        })
      else { continue }
      functions += 1
      // Cold parts are jumped to, and count where something of them was visited.
      guard entered.contains(fde.addresses.lowerBound) || pcs.contains(where: fde.addresses.contains) else { continue }
      var address = fde.addresses.lowerBound
      while address < fde.addresses.upperBound {
        let next = disassembler.instruction(section.bytes, at: Int(address - section.start), address: address)
        instructions += 1
        address = next.end
      }
    }
    self.instructions = pcs.count
    self.functions = entered.count
    allFunctions = functions
    allInstructions = instructions
  }

  var description: String {
    "\(visits) visits of \(steps) steps, \(instructions) of \(allInstructions) instructions (\(Int(percent)) %) in "
      + "\(functions) functions of \(allFunctions)"
  }
}
