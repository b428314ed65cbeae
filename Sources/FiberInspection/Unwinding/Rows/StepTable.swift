internal import CallFrameInfo

/// Steps by pc, each distinct pc looked up once.
struct StepTable {
  private struct Slot {
    var address: UInt64 = 0
    var index: Int32 = -1
  }

  private(set) var steps: [Step] = []
  /// Rows that are evaluated, and what is wrong with others: see `Step.Kind`.
  private(set) var rows: [FoundRow] = []
  private(set) var faults: [CallFrameError] = []

  /// Call frame information that could not be read, one line each, in the order of the modules' addresses.
  var problems: [Problem] { frames.sorted { $0.key < $1.key }.flatMap(\.value.problems) }

  private let modules: ModuleIndex
  private let memory: any MemoryReader
  private let debugDirectory: String
  private var frames: [UInt64: ModuleCallFrames] = [:]
  private var known: [UInt64: Int32] = [:]
  /// The step found last for each of so many groups of addresses: most questions have just been asked.
  private var latest = [Slot](repeating: Slot(), count: slotCount)

  private static let slotCount = 4096

  /// How many bytes of CFA instructions lookups may yet execute.
  private var instructionsLeft: Int

  init(_ modules: [Module], memory: any MemoryReader, debugDirectory: String, instructionLimit: Int) {
    instructionsLeft = instructionLimit
    self.debugDirectory = debugDirectory
    self.modules = ModuleIndex(modules)
    self.memory = memory
  }

  /// Index in `steps` of what to do at `address`, a lookup address. O(1) but for the first time.
  @inline(__always) mutating func index(at address: UInt64) -> Int {
    let slot = Int(truncatingIfNeeded: (address ^ address >> 12) & UInt64(Self.slotCount - 1))
    if latest[slot].address == address, latest[slot].index >= 0 { return Int(latest[slot].index) }
    return find(address, slot)
  }

  @inline(never) private mutating func find(_ address: UInt64, _ slot: Int) -> Int {
    let index: Int32
    if let found = known[address] {
      index = found
    } else {
      index = Int32(steps.count)
      steps.append(step(at: address))
      known[address] = index
    }
    latest[slot] = Slot(address: address, index: index)
    return Int(index)
  }

  private mutating func step(at address: UInt64) -> Step {
    guard let module = modules.module(at: address) else { return Step() }
    let source: ModuleCallFrames
    if let known = frames[module.range.lowerBound] {
      source = known
    } else {
      source = ModuleCallFrames(module, memory: memory, debugDirectory: debugDirectory)
      frames[module.range.lowerBound] = source
    }
    var step = Step()
    do throws(CallFrameError) {
      guard let found = try source.row(at: address, instructionsLeft: &instructionsLeft) else { return step }
      step.isSignalFrame = found.cie.isSignalFrame
      let column = found.cie.returnAddressRegister
      if column <= RegisterRules.highestRegister, found.row.registers[column] == .undefined {
        step.kind = .outermost
      } else if let compact = Step(found) {
        step = compact
      } else {
        step.kind = .general
        step.index = Int32(rows.count)
        rows.append(found)
      }
    } catch {
      step.kind = .defective
      step.index = Int32(faults.count)
      faults.append(error)
    }
    return step
  }
}
