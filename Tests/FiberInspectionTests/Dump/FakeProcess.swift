@testable import FiberInspection

/// A runtime's code in the made-up processes of these tests.
enum FakeCode {
  static let resume: UInt64 = 0x1000
  static let suspend: UInt64 = 0x1100
  static let start: UInt64 = 0x1200
  static let notRunning: UInt64 = 0x1300
  static let main: UInt64 = 0x2000
  static let body: UInt64 = 0x3000
  static let sleep: UInt64 = 0x4000

  static let layout = RegistryLayout(
    suspendedProgramCounter: suspend + 8, savedProgramCounterOffset: 0, savedFramePointerOffset: 0,
    savedStackPointerAdjustment: 0, hasLink: true, endRecord: 0x9000, resume: resume..<resume + 0x40,
    suspend: suspend..<suspend + 0x40, start: start..<start + 0x20, notRunning: notRunning..<notRunning + 0x10)
}

/// Memory of which nothing is known.
struct NoMemory: MemoryReader {
  func read(at address: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int { 0 }
}

/// Gives prepared walks by the stack pointer they start from.
struct PreparedWalks: Unwinder {
  let name = "prepared"
  var walks: [UInt64: Walk] = [:]

  mutating func walk(from registers: Registers, limit: Int) -> Walk {
    walks[registers.stackPointer] ?? Walk(frames: [], end: .failed("no walk prepared"))
  }
}

/// Gives prepared locations by page.
struct PreparedLocations: LocationSource {
  var functions: [UInt64: FunctionLocation] = [:]
  let problems: [Problem] = []
  var runtime: [UInt64: RuntimeFunction] = [:]

  init() {
    functions[FakeCode.main] = .named("main", "/src/program.c", 12)
    functions[FakeCode.body] = .named("body(int)", "/src/program.c", 30)
    functions[FakeCode.sleep] = FunctionLocation(name: "sleep", rawName: "sleep", offset: 0x2a)
    for (address, function) in [
      (FakeCode.resume, RuntimeFunction.resume), (FakeCode.suspend, .suspend), (FakeCode.start, .start),
      (FakeCode.notRunning, .notRunning),
    ] {
      functions[address] = .named(function.rawValue, "/src/fiber.S", 100)
      runtime[address] = function
    }
  }

  mutating func location(of pc: UInt64) -> Location {
    let page = pc & ~0xff
    guard let function = functions[page] else { return Location() }
    return Location(
      modulePath: "/usr/bin/program", moduleOffset: pc, functions: [function], runtimeFunction: runtime[page])
  }
}

extension FunctionLocation {
  static func named(_ name: String, _ path: String, _ line: Int?) -> FunctionLocation {
    FunctionLocation(name: name, rawName: name, offset: 8, source: SourceLine(path: path, line: line))
  }
}

extension WalkedFrame {
  static func at(_ function: UInt64, sp: UInt64? = nil, fp: UInt64? = nil, found: Found = .cfi) -> WalkedFrame {
    WalkedFrame(programCounter: .returnAddress(function + 8), stackPointer: sp, framePointer: fp, found: found)
  }
}

extension FiberSnapshot {
  /// A fiber on the 64 KiB stack that starts at id × 1 MiB, with its base 0x100 below the end.
  static func fake(_ id: UInt64, name: String? = nil, count: UInt64, saved: UInt64? = nil) -> FiberSnapshot {
    let low = id << 20
    return FiberSnapshot(
      id: id, name: name, waitReason: nil, savedStackPointer: saved ?? low + 0xf000, base: low + 0xff00, low: low,
      high: low + 0x10000, count: count, isFinished: false, isAbandoned: false, creator: 0,
      link: FakeCode.layout.endRecord)
  }

  func with(_ change: (inout FiberSnapshot) -> Void) -> FiberSnapshot {
    var copy = self
    change(&copy)
    return copy
  }
}

/// A process made by hand: walks by the stack pointers of its threads and fibers.
struct FakeProcess {
  var fibers: [FiberSnapshot] = []
  var threads: [ThreadSnapshot] = []
  var walks: [UInt64: Walk] = [:]
  var problems: [Problem] = []
  var mappings: [Mapping] = []
  var modules: [Module] = []
  var source = Snapshot.Source.process(stopped: .microseconds(840))
  var memory: any MemoryReader = NoMemory()

  mutating func addThread(
    _ id: Int32, sp: UInt64, rdx: UInt64 = 0, pc: UInt64 = FakeCode.sleep, signal: Int32 = 0, _ walk: Walk
  ) {
    var values = [UInt64](repeating: 0, count: 17)
    values[1] = rdx
    values[7] = sp
    values[16] = pc
    threads.append(ThreadSnapshot(id: id, name: nil, registers: Registers(dwarfOrder: values), signal: signal))
    walks[sp] = walk
  }

  var snapshot: Snapshot {
    let registry = RegistrySnapshot(
      address: 0x8000, modulePath: "/usr/bin/program", runtime: "FiberTrace", layout: FakeCode.layout, fibers: fibers)
    return Snapshot(
      source: source, processID: 4711, command: "program", threads: threads,
      mappings: mappings, modules: modules, registries: [registry], memory: memory, problems: problems)
  }

  func dump(
    frameLimit: Int = 256, countsRuntime: Bool = false, locations: PreparedLocations = PreparedLocations(),
    selection: DumpSelection = DumpSelection()
  ) -> Dump {
    var unwinder = PreparedWalks(walks: walks)
    var locations = locations
    return Dump(
      of: snapshot, unwinder: &unwinder, locations: &locations,
      frameLimit: FrameLimit(frameLimit, countsRuntime: countsRuntime), selection: selection)
  }

  func text(frameLimit: Int = 256, style: TextStyle = TextStyle(usesUnicode: true)) -> String {
    var text = ""
    TextReport(dump(frameLimit: frameLimit), style: style).write(to: &text)
    return text
  }

  func groups(style: TextStyle = TextStyle(usesUnicode: true)) -> String {
    var text = ""
    TextReport(dump(), style: style).writeGroups(to: &text)
    return text
  }

  func folded(_ selection: DumpSelection = DumpSelection(), detail: ReportDetail = ReportDetail()) -> String {
    var text = ""
    FoldedReport(dump(selection: selection), detail: detail).write(to: &text)
    return text
  }

  func json(groups: StackComparison? = nil) throws -> String {
    String(decoding: try JSONReport(dump()).write(to: Pieces(), groups: groups).bytes, as: UTF8.self)
  }
}

extension Walk {
  /// The walk of a suspended fiber.
  static func suspended(_ fiber: FiberSnapshot) -> Walk {
    Walk(
      frames: [
        .at(FakeCode.suspend, sp: fiber.savedStackPointer), .at(FakeCode.body, sp: fiber.savedStackPointer + 0x20),
        .at(FakeCode.start, sp: fiber.base - 0x10, fp: fiber.base), .at(FakeCode.notRunning),
      ], end: .outermost)
  }

  /// The walk of a thread that runs `fibers`, innermost first.
  static func running(_ fibers: [FiberSnapshot], sp: UInt64) -> Walk {
    var frames: [WalkedFrame] = [.at(FakeCode.sleep, sp: sp)]
    for (index, fiber) in fibers.enumerated() {
      frames.append(.at(FakeCode.body, sp: fiber.base - 0x40))
      frames.append(.at(FakeCode.start, sp: fiber.base - 0x10, fp: fiber.base))
      let resumer = index + 1 < fibers.count ? fibers[index + 1].base - 0x80 : 0x7ffe_0000
      frames.append(.at(FakeCode.resume, sp: resumer))
    }
    frames.append(.at(FakeCode.main, sp: 0x7fff_0000))
    return Walk(frames: frames, end: .outermost)
  }
}
