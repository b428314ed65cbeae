internal import Foundation
internal import Instructions

/// Steps the functions of one file and runs what they call elsewhere, until the program ends.
///
/// A breakpoint stands at the entry of each function until it has been recorded often enough, at each landing pad, and behind each
/// call that has left the file's functions: wherever control comes back, by a return, an exception or longjmp, it is seen.
/// Which call a frame belongs to is told by rsp alone: behind a call it is what it was before; at a landing pad it is not below what
/// it was when the frame was left, where frames of the same function that are not recorded lie.
struct ExecutionRecorder {
  /// At most so often is one instruction of one call recorded: loops go on unrecorded.
  private static let mostVisitsOfOne: UInt8 = 3
  /// More of the stack is not kept for a visit, in words.
  private static let mostWords = 2048
  /// Nor of all visits: 256 MiB.
  private static let mostWordsOfAll = 1 << 25

  /// What never changes of a call.
  private struct Frame {
    /// Index in `Recording.activations`.
    let activation: Int
    let cfa: UInt64
    let returnAddress: UInt64
    /// The recorded call before it made it, not code that runs.
    let isCalledByLast: Bool
  }

  /// A call that is going on.
  private struct Call {
    let frame: Frame
    /// rsp where control left it for code that runs: frames of that code lie below.
    var departure: UInt64 = 0
    /// Breakpoints where control may come back to it, and rsp there.
    var returns: [UInt64: Set<UInt64>] = [:]
    /// How often each instruction was visited.
    var visits: [UInt64: UInt8] = [:]
  }

  private let program: SteppedProgram
  private let file: RecordedFile
  private let perFunction: Int
  private let mostSteps: Int
  private let notPreserved: UInt16
  private let pads: Set<UInt64>
  /// How often each function was recorded.
  private var counts: [Int]
  private var calls: [Call] = []
  private(set) var recording = Recording()

  init(
    _ program: SteppedProgram, _ file: RecordedFile, bias: UInt64, activationsPerFunction: Int, mostSteps: Int,
    notPreserved: UInt16
  ) {
    self.notPreserved = notPreserved
    self.program = program
    self.file = file
    self.mostSteps = mostSteps
    perFunction = activationsPerFunction
    counts = Array(repeating: 0, count: file.functions.count)
    recording.bias = bias
    pads = Set(file.landingPads)
  }

  /// Runs the program to its end.
  mutating func record() throws {
    for function in file.functions { try program.setBreakpoint(at: function.lowerBound &+ recording.bias) }
    for pad in file.landingPads { try program.setBreakpoint(at: pad &+ recording.bias) }
    var isInside = try begin()
    while program.ending == nil {
      if isInside {
        isInside = try step()
      } else {
        guard try program.run() else { break }
        isInside = try arrive()
      }
      if recording.steps >= mostSteps {
        recording.limit = "\(recording.steps) instructions were stepped"
        return
      }
      if recording.words.count >= Self.mostWordsOfAll {
        recording.limit = "\(recording.words.count) words of stacks were kept"
        return
      }
    }
    recording.status = program.ending ?? 0
    if [SIGALRM, SIGXCPU].contains(recording.status & 0x7f) { recording.limit = "its time was over" }
  }

  /// The program may stand at a function already.
  private mutating func begin() throws -> Bool {
    file.function(at: program.pc &- recording.bias) == nil ? false : try arrive()
  }

  /// At a breakpoint.
  ///
  /// - Returns: whether the call that control is in now is recorded.
  private mutating func arrive() throws -> Bool {
    let left = calls
    unwind()
    let place = program.pc &- recording.bias
    guard let function = file.function(at: place) else { return false }
    if pads.contains(place) || calls.last?.returns[program.pc] != nil {
      for call in left[calls.count...] { restore(call.frame) }
    }
    if calls.last?.returns[program.pc]?.contains(program.stackPointer) ?? false { return true }
    if place == file.functions[function].lowerBound {
      // One whose return address lay where this one's does was left by a jump.
      while let call = calls.last, call.frame.cfa <= program.stackPointer &+ 8 { calls.removeLast() }
      return try enter(function, isStepped: false)
    }
    if pads.contains(place) { return isInCall }
    try forget()
    return false
  }

  /// Removes the breakpoint at the pc if no call that is going on comes back to it: other calls would stop at it in vain.
  private func forget() throws {
    if !calls.contains(where: { $0.returns[program.pc] != nil }) { try program.removeBreakpoint(at: program.pc) }
  }

  /// Lets the program run until it comes back to the innermost call here with the stack as it left it, or to another breakpoint.
  private mutating func expect(_ address: UInt64) throws {
    let last = calls.count - 1
    calls[last].returns[address, default: []].insert(calls[last].departure)
    try program.setBreakpoint(at: address)
  }

  /// Calls whose frames are gone.
  private mutating func unwind() {
    while let call = calls.last, call.frame.cfa <= program.stackPointer { calls.removeLast() }
  }

  /// Whether control is back in the innermost recorded call itself, in its function or in another part of it, and not in a frame
  /// below its.
  private var isInCall: Bool {
    guard let call = calls.last, file.function(at: program.pc &- recording.bias) != nil else { return false }
    return program.stackPointer >= call.departure
  }

  /// At the entry of a function, the return address on the stack.
  ///
  /// - Parameters:
  ///   - isStepped: whether the instruction that led here was seen.
  ///   - isCalledByLast: whether it returns to the innermost recorded call.
  /// - Returns: whether it is recorded.
  private mutating func enter(_ function: Int, isStepped: Bool, isCalledByLast: Bool = false) throws -> Bool {
    let entry = file.functions[function].lowerBound
    guard counts[function] < perFunction else {
      try program.removeBreakpoint(at: entry &+ recording.bias)
      return false
    }
    guard let returnAddress = program.word(at: program.stackPointer) else { return false }
    // A part of a function may be jumped to with the frame that it has, and what an earlier call left at its end.
    let isCall =
      isStepped
      || program.isReturnAddress(returnAddress, of: program.pc) { file.function(at: $0 &- recording.bias) != nil }
    guard isCall else { return false }
    counts[function] += 1
    let cfa = program.stackPointer &+ 8
    let frame = Frame(
      activation: recording.activations.count, cfa: cfa, returnAddress: returnAddress, isCalledByLast: isCalledByLast)
    calls.append(Call(frame: frame))
    recording.activations.append(
      Activation(
        function: entry, cfa: cfa, returnAddress: returnAddress, entry: program.registers, notPreserved: notPreserved))
    return true
  }

  /// Executes one instruction of the innermost call.
  ///
  /// - Returns: whether control is in a recorded call then; if not, the program may run.
  private mutating func step() throws -> Bool {
    guard let call = calls.last?.frame, let instruction = file.instruction(at: program.pc &- recording.bias) else {
      return false
    }
    try visit()
    let next = instruction.end &+ recording.bias
    calls[calls.count - 1].departure = program.stackPointer
    try program.step()
    recording.steps += 1
    guard program.ending == nil else { return false }
    let place = program.pc &- recording.bias
    let function = file.function(at: place)
    let isEntry = function.map { file.functions[$0].lowerBound == place } ?? false
    switch instruction.flow {
    case .call, .indirectCall:
      // What is called may begin right behind a call that does not return; else that is how code asks where it is.
      if program.pc == next, !isEntry { return true }
      if let function, isEntry, try enter(function, isStepped: true, isCalledByLast: true) { return true }
      try expect(next)
      return false
    case .return:
      // A `ret` to somewhere else is a jump, or ends a call that was made by a jump.
      guard program.stackPointer >= call.cfa else { return function != nil }
      if program.pc == call.returnAddress { finish(call) }
      unwind()
      return isInCall
    case .jump, .indirectJump, .branch:
      guard let function else {
        try leave(call)
        return false
      }
      if isEntry, program.stackPointer &+ 8 == call.cfa, file.functions[function].lowerBound != entryOf(call) {
        try leave(call)
        return try enter(function, isStepped: true, isCalledByLast: call.isCalledByLast)
      }
      return true
    default:
      if program.pc == next || function != nil, !isEntry { return true }
      // A signal: its handler returns here, or behind.
      try expect(next)
      try expect(instruction.address &+ recording.bias)
      if let function, isEntry { return try enter(function, isStepped: true) }
      return false
    }
  }

  private func entryOf(_ call: Frame) -> UInt64 { recording.activations[call.activation].function }

  /// It jumps to another function, with the stack as at its entry, or the call goes on in code that is not recorded.
  private mutating func leave(_ call: Frame) throws {
    // It is the other function that returns to its caller.
    if call.isCalledByLast {
      calls[calls.count - 2].returns[call.returnAddress, default: []].insert(call.cfa)
      try program.setBreakpoint(at: call.returnAddress)
    }
    guard program.stackPointer &+ 8 == call.cfa else { return }
    finish(call)
    calls.removeLast()
  }

  /// It has returned, or has jumped to a function that returns for it.
  private mutating func finish(_ call: Frame) {
    recording.activations[call.activation].preserved = registersAsAtEntry(of: call)
  }

  /// An exception or longjmp has left it, and has arrived.
  private mutating func restore(_ call: Frame) {
    recording.activations[call.activation].restored = registersAsAtEntry(of: call)
  }

  private func registersAsAtEntry(of call: Frame) -> UInt16 {
    let registers = program.registers
    let entry = recording.activations[call.activation].entry
    var equal: UInt16 = 0
    for register in 0..<16 where notPreserved >> UInt16(register) & 1 == 0 && registers[register] == entry[register] {
      equal |= 1 << UInt16(register)
    }
    return equal
  }

  /// Records the instruction that comes next.
  private mutating func visit() throws {
    let last = calls.count - 1
    let pc = program.pc &- recording.bias
    let count = calls[last].visits[pc, default: 0]
    guard count < Self.mostVisitsOfOne else { return }
    calls[last].visits[pc] = count + 1
    let cfa = calls[last].frame.cfa
    let end = cfa &+ 128 & ~7
    let lowest = end &- UInt64(Self.mostWords) * 8
    let below = program.stackPointer &- 128 & ~7
    // On another stack than the frame's, the frame's is kept.
    let start = below > lowest && below < cfa ? below : lowest
    guard let (from, words) = stack(from: start, to: end, cfa) else { return }
    recording.visits.append(
      Visit(
        pc: pc, activation: calls[last].frame.activation, registers: program.registers, stackStart: from,
        words: recording.words.count..<recording.words.count + words.count))
    recording.words += words
  }

  /// The stack's words, fewer where it ends.
  private func stack(from start: UInt64, to end: UInt64, _ cfa: UInt64) -> (UInt64, [UInt64])? {
    for bound in [end, cfa & ~7] {
      for from in [start, bound &- 1024, bound &- 64] where from >= start && from < bound {
        if let words = program.read(from, count: Int(bound - from) / 8) { return (from, words) }
      }
    }
    return nil
  }
}
