/// A process.
struct ProcessJSON: Encodable {
  var command: String
  var id: Int32?
  var core: String?
  var stoppedMilliseconds: Double?
  var threads: Int
  var fibers: [String: Int]

  init(_ dump: Dump) {
    command = dump.command
    id = dump.processID
    switch dump.source {
    case .core(let path): core = path
    case .process(let stopped):
      let (seconds, attoseconds) = stopped.components
      stoppedMilliseconds = Double(seconds * 1_000_000 + attoseconds / 1_000_000_000_000) / 1000
    }
    threads = dump.threadCount
    fibers = Dictionary(uniqueKeysWithValues: dump.fiberCounts.map { ($0.key.rawValue, $0.value) })
  }
}

/// An ELF image.
struct ModuleJSON: Encodable {
  var path: String
  var low: String
  var high: String
  var bias: String
  var buildID: String?
  var missing: String?
  var deleted: Bool?

  init(_ module: ModuleDump) {
    path = module.path
    low = hexadecimal(module.range.lowerBound)
    high = hexadecimal(module.range.upperBound)
    bias = hexadecimal(module.bias)
    buildID = module.buildID?.hexadecimal
    missing = module.missing
    deleted = module.isDeleted ? true : nil
  }
}

/// A registry without its fibers.
struct RegistryJSON: Encodable {
  var module: String
  var runtime: String
}

/// A thread without its trace.
struct ThreadJSON: Encodable {
  var id: Int32
  var name: String?
  var signal: Int32?

  init(_ thread: ThreadDump) {
    id = thread.id
    name = thread.name
    signal = thread.signal == 0 ? nil : thread.signal
  }
}

/// A fiber without its trace and the place where it was created.
struct FiberJSON: Encodable {
  var id: UInt64
  var registry: Int
  var name: String?
  var state: String
  var thread: Int32?
  var evidence: String
  var waitReason: String?
  var resumes: OwnerJSON?
  var resumer: OwnerJSON?
  var stackUsed: UInt64?
  var stackSize: UInt64?
  var overflow: String?
  var timesResumed: UInt64
  var defect: String?

  init(_ fiber: FiberDump) {
    id = fiber.reference.id
    registry = fiber.reference.registry
    name = fiber.reference.name
    state = fiber.state.kind.rawValue
    thread = fiber.state.thread
    evidence = fiber.evidence.rawValue
    waitReason = fiber.waitReason
    if case .resuming(let inner, _) = fiber.state { resumes = OwnerJSON(inner) }
    resumer = fiber.resumer.map(OwnerJSON.init)
    stackUsed = fiber.stackUsed
    stackSize = fiber.stackSize
    overflow = fiber.overflow?.sentence(stackSize: fiber.stackSize)
    timesResumed = fiber.timesResumed
    defect = fiber.defect
  }
}

/// Fibers with identical stacks, without the trace.
struct FiberGroupJSON: Encodable {
  struct Reason: Encodable {
    var reason: String
    var count: Int
  }
  struct Used: Encodable {
    var least: UInt64
    var most: UInt64
    var total: UInt64
  }

  var count: Int
  var registry: Int
  var state: String
  /// First and last of each run.
  var ids: [[UInt64]]
  var waitReasons: [Reason]
  var stackUsed: Used?
  var omittedFrames: OmittedJSON?
  var defect: String?

  init(_ group: FiberGroup) {
    count = group.count
    registry = group.registry
    state = group.kind.rawValue
    ids = group.ids.map { [$0.lowerBound, $0.upperBound] }
    waitReasons = group.waitReasons.map { Reason(reason: $0.reason, count: $0.count) }
    stackUsed = group.stackUsed.map {
      Used(least: $0.lowerBound, most: $0.upperBound, total: group.totalStackUsed)
    }
    omittedFrames = OmittedJSON(group.omittedFrames)
    defect = group.first.defect
  }
}

/// How many frames are left out of the stacks of a group, where these differ in that.
struct OmittedJSON: Encodable {
  var least: Int
  var most: Int

  /// Nil for one number.
  init?(_ counts: ClosedRange<Int>) {
    guard counts.count > 1 else { return nil }
    (least, most) = (counts.lowerBound, counts.upperBound)
  }
}

/// Threads with identical stacks, without the trace.
struct ThreadGroupJSON: Encodable {
  var count: Int
  var ids: [Int32]
  var signal: Int32?
  var omittedFrames: OmittedJSON?

  init(_ group: ThreadGroup) {
    count = group.ids.count
    ids = group.ids
    signal = group.first.signal == 0 ? nil : group.first.signal
    omittedFrames = OmittedJSON(group.omittedFrames)
  }
}
