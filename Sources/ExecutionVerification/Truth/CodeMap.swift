internal import CallFrameInfo
internal import FiberInspection
internal import Instructions

/// Code by address: instructions, rows, functions. Each distinct address is looked up once.
///
/// Code that is in no file may change: it is looked up each time.
final class CodeMap {
  private struct Slot {
    var address: UInt64 = 0
    var index: Int32 = -1
  }

  private static let slotCount = 1 << 14
  /// Code that may be written is looked up anew each time; so are addresses beyond so many.
  private static let mostPoints = 1 << 24

  let modules: [Module]
  /// What rows and instructions are found by.
  private let index: ModuleIndex
  private var frames: [ModuleCallFrames?]
  private let memory: any MemoryReader
  var points: [CodePoint] = []
  private var known: [UInt64: Int32] = [:]
  private var latest = [Slot](repeating: Slot(), count: slotCount)
  private var instructionsLeft = RowUnwinder.instructionLimit
  private let disassembler = Disassembler()
  private let debugDirectory = "/usr/lib/debug"
  /// Rows of code that is in no file.
  private let jit: JitFrames
  /// What a call of these addresses tells of.
  private let jitCalls: [UInt64: JitInterface.Call]

  init(_ modules: [Module], memory: any MemoryReader, jit: JitFrames, jitCalls: [UInt64: JitInterface.Call]) {
    self.jit = jit
    self.jitCalls = jitCalls
    index = ModuleIndex(modules)
    self.modules = index.modules
    self.memory = memory
    frames = Array(repeating: nil, count: modules.count)
  }

  /// Index in `points` of an address. O(1) but for the first time.
  @inline(__always) func index(at address: UInt64) -> Int {
    let slot = Int(truncatingIfNeeded: (address ^ address >> 14) & UInt64(Self.slotCount - 1))
    let latest = latest[slot]
    if latest.address == address, latest.index >= 0 { return Int(latest.index) }
    return find(address, slot)
  }

  @inline(never) private func find(_ address: UInt64, _ slot: Int) -> Int {
    if let found = known[address] {
      if points[Int(found)].module < 0 { refresh(Int(found), address) }
      latest[slot] = points[Int(found)].module < 0 ? Slot() : Slot(address: address, index: found)
      return Int(found)
    }
    let index = Int32(points.count)
    var point = point(at: address)
    point.isOrdinary = CodePoint.isOrdinary(point.instruction)
    points.append(point)
    known[address] = index
    if points[Int(index)].module >= 0 { latest[slot] = Slot(address: address, index: index) }
    return Int(index)
  }

  /// Code that is in no file: other instructions may stand there now, and other rows be in force.
  private func refresh(_ index: Int, _ address: UInt64) {
    if points[index].jitVersion != jit.version {
      var point = point(at: address)
      point.seen = points[index].seen
      point.visits = points[index].visits
      points[index] = point
    } else {
      points[index].instruction = instruction(at: address, nil)
    }
    points[index].isOrdinary = CodePoint.isOrdinary(points[index].instruction)
  }

  private func point(at address: UInt64) -> CodePoint {
    let number = module(at: address)
    let source = number >= 0 ? source(number) : nil
    let bias = number >= 0 ? modules[number].bias : 0
    var point = CodePoint(
      instruction: instruction(at: address, source), module: number, fileAddress: address &- bias,
      function: address..<address)
    point.jitCall = jitCalls[address]
    point.jitVersion = jit.version
    do {
      guard let found = try row(at: address, source) else {
        if let source, !source.hasFile { point.unjudged = .unreadable }
        return point
      }
      let start = found.addresses.lowerBound &+ bias
      point.function = start..<max(start, found.addresses.upperBound &+ bias)
      point.step = Self.step(found)
      if point.step.kind == .general { point.found = found }
      point.isCalled =
        start == address
        ? Self.isCalled(point.step)
        : try row(at: start, source).map { Self.isCalled(Self.step($0)) } ?? false
    } catch {
      point.step.kind = .defective
      point.fault = "\(error)"
    }
    return point
  }

  /// The row of a module's code or, without a module, of code that is in no file.
  private func row(at address: UInt64, _ source: ModuleCallFrames?) throws(CallFrameError) -> FoundRow? {
    guard let source else { return try jit.row(at: address, instructionsLeft: &instructionsLeft) }
    return try source.row(at: address, instructionsLeft: &instructionsLeft)
  }

  static func step(_ found: FoundRow) -> Step {
    let column = found.cie.returnAddressRegister
    var step = Step()
    if column <= 16, found.row.registers[column] == .undefined {
      step.kind = .outermost
    } else if let compact = Step(found) {
      step = compact
    } else {
      step.kind = .general
    }
    step.isSignalFrame = found.cie.isSignalFrame
    return step
  }

  private static func isCalled(_ step: Step) -> Bool {
    step.kind == .compact && step.cfaRegister == FrameRegisters.stackPointer && step.cfaOffset == 8 && !step.isLoaded
      && step.returnOffset == -8
  }

  /// Index in `modules`, -1 for none.
  func module(at address: UInt64) -> Int {
    var low = 0
    var high = modules.count
    while low < high {
      let middle = (low + high) / 2
      if modules[middle].range.lowerBound <= address { low = middle + 1 } else { high = middle }
    }
    return low > 0 && modules[low - 1].range.contains(address) ? low - 1 : -1
  }

  /// A module has code of Swift, whose calling convention has other callee-saved registers.
  func hasSwift(_ number: Int) -> Bool { source(number).hasSwift }

  /// Where the functions of a module begin, ascending.
  func functionStarts(of number: Int) -> [UInt64] { source(number).functionStarts }

  /// The address of a function that a module exports.
  func exportedFunction(_ name: String, of number: Int) -> UInt64? { source(number).exportedFunction(name) }

  private func source(_ number: Int) -> ModuleCallFrames {
    if let known = frames[number] { return known }
    let new = ModuleCallFrames(modules[number], memory: memory, debugDirectory: debugDirectory)
    frames[number] = new
    return new
  }

  /// What stands at `address`: from the file, where no breakpoint is; from memory if there is none.
  private func instruction(at address: UInt64, _ source: ModuleCallFrames?) -> Instruction {
    var bytes = source?.code(at: address, count: Disassembler.longestInstruction) ?? []
    if bytes.isEmpty { bytes = memory.bytes(at: address, count: Disassembler.longestInstruction) }
    guard !bytes.isEmpty else { return Instruction(address: address, length: 1, flow: .undecodable) }
    return disassembler.instruction(bytes, at: 0, address: address)
  }

  /// What is wrong with call frame information that was asked for, one line each.
  var problems: [Problem] { frames.compactMap(\.self).flatMap(\.problems) + jit.problems }
}
