import ExecutionRecordings
import FrameVerification

extension SynthesizedRow {
  /// How a row recovers something else than what is true at a visit; nil if it does not.
  ///
  /// - Parameter claimed: registers of which a row without a rule says that they are as at entry, bit n for DWARF number n.
  func defect(at visit: Visit, of recording: Recording, claimed: UInt16 = Activation.calleeSaved) -> String? {
    let activation = recording.activations[visit.activation]
    guard let frame = frameAddress(at: visit, of: recording), frame == activation.cfa else { return "CFA" }
    guard value(of: 16, by: returnAddress, frame, visit, recording) == activation.returnAddress else {
      return "return address"
    }
    for (place, register) in Self.registers.enumerated() {
      let isRecoverable = activation.recoverable >> UInt16(register) & 1 != 0
      if self[place] == .undefined || !isRecoverable && claimed >> UInt16(register) & 1 == 0 { continue }
      guard value(of: register, by: self[place], frame, visit, recording) == activation.entry[register] else {
        return "register \(register) by \(self[place])"
      }
    }
    return nil
  }

  /// Whether the row says that a register cannot be recovered which the function returned as it was.
  func isSilent(at visit: Visit, of recording: Recording) -> Bool {
    let recoverable = recording.activations[visit.activation].recoverable
    return Self.registers.enumerated().contains { self[$0] == .undefined && recoverable >> UInt16($1) & 1 != 0 }
  }

  private func frameAddress(at visit: Visit, of recording: Recording) -> UInt64? {
    switch cfa {
    case .register(let register, let offset):
      visit.registers[register] &+ UInt64(bitPattern: Int64(offset))
    case .word(let register, let displacement, let offset):
      recording.word(at: visit.registers[register] &+ UInt64(bitPattern: Int64(displacement)), in: visit)
        .map { $0 &+ UInt64(bitPattern: Int64(offset)) }
    }
  }

  private func value(
    of register: Int, by rule: SynthesizedRule, _ frame: UInt64, _ visit: Visit, _ recording: Recording
  ) -> UInt64? {
    switch rule {
    case .unchanged: register < 16 ? visit.registers[register] : nil
    case .saved(let offset): recording.word(at: frame &+ UInt64(bitPattern: Int64(offset)), in: visit)
    case .register(let other): visit.registers[other]
    case .savedBehind(let base, let displacement):
      recording.word(at: visit.registers[base] &+ UInt64(bitPattern: Int64(displacement)), in: visit)
    case .undefined: nil
    }
  }
}

/// What came of visits.
struct VisitTally {
  var right = 0
  var wrong: [String] = []
  /// Right, but for a register that is said to be lost, and that was returned as it was.
  var silent = 0
  /// No row was made.
  var open = 0
  /// Addresses of instructions.
  var stepped: Set<UInt64> = []
  /// All of them.
  var steps: Int { right + wrong.count + silent + open }

  /// Holds the rows that are made for the functions of a recording against what stepping saw.
  ///
  /// - Parameter function: those of one function alone.
  init(
    _ recording: Recording, in file: inout SynthesizedFile, of function: UInt64? = nil,
    claimed: UInt16 = Activation.calleeSaved
  ) {
    let only = function
    var lines: [UInt64: [UInt64: SynthesizedFunction.Line]] = [:]
    for visit in recording.visits {
      let function = recording.activations[visit.activation].function
      guard only == nil || only == function else { continue }
      stepped.insert(visit.pc)
      if lines[function] == nil { lines[function] = file.lines(at: function) }
      guard let line = lines[function]?[visit.pc], line.gap == nil else {
        open += 1
        continue
      }
      if let defect = line.row.defect(at: visit, of: recording, claimed: claimed) {
        wrong.append("\(String(visit.pc, radix: 16)) of \(String(function, radix: 16)): \(defect)")
      } else if line.row.isSilent(at: visit, of: recording) {
        silent += 1
      } else {
        right += 1
      }
    }
  }
}
