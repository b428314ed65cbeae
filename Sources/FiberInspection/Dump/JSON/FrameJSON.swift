/// The frames of traces as JSON. A frame that occurs again is encoded once.
struct FrameJSON {
  private let detail: ReportDetail
  /// For each frame of the dump's table its objects: those of inlined functions first.
  private var known: [UInt32: [JSONFragment]] = [:]
  /// The place that was encoded last: most fibers are created where the one before was.
  private var lastCreation: (location: Location, object: JSONFragment)?

  init(detail: ReportDetail) { self.detail = detail }

  /// Writes the members that a trace gives to the object that has it. Without one: no frames, and no end.
  mutating func write(_ trace: Trace?, to json: inout JSONStream<some ByteOutput>) throws {
    json.key("frames")
    json.beginArray()
    if let trace {
      for index in trace.shownNumbers(in: 0..<trace.stack.count) {
        for object in try objects(of: trace.stack[index], in: trace.table) { json.splice(object) }
      }
    }
    json.endArray()
    guard let trace else { return }
    if !trace.omitted.isEmpty {
      try json.member("omitted", OmissionJSON(after: trace.omitted.lowerBound, frames: trace.omitted.count))
    }
    if trace.segments.count > 1 {
      json.key("stacks")
      json.beginArray()
      for segment in trace.segments { try json.value(StackJSON(segment)) }
      json.endArray()
    }
    if let reason = trace.end.reason { try json.member("endsEarly", reason) }
  }

  /// Writes where a fiber was created.
  mutating func write(creation: Location, to json: inout JSONStream<some ByteOutput>) throws {
    if lastCreation?.location != creation {
      lastCreation = (creation, try JSONFragment(FunctionJSON(creation, showsSource: detail.showsSource)))
    }
    guard let lastCreation else { return }
    json.key("created")
    json.splice(lastCreation.object)
  }

  private mutating func objects(of frame: UInt32, in table: FrameTable) throws -> [JSONFragment] {
    if let objects = known[frame] { return objects }
    let location = table.location(of: frame)
    let counter = table.frames[Int(frame)].programCounter
    let adjustment = counter.address &- counter.lookup
    var base = FunctionJSON(
      pc: hexadecimal(counter.address), found: table.frames[Int(frame)].found.rawValue, module: location.modulePath)
    base.restsOnScan = table.frames[Int(frame)].restsOnScan ? true : nil
    let functions = detail.functions(of: location)
    let objects: [JSONFragment]
    if functions.isEmpty {
      base.moduleOffset = location.modulePath.map { _ in hexadecimal(location.moduleOffset &+ adjustment) }
      objects = [try JSONFragment(base)]
    } else {
      objects = try functions.map { function in
        var object = base
        object.take(function, adjustment: adjustment, showsSource: detail.showsSource)
        return try JSONFragment(object)
      }
    }
    known[frame] = objects
    return objects
  }
}

/// A function at a frame, or at the place where a fiber was created.
struct FunctionJSON: Encodable {
  var pc: String?
  var found: String?
  var restsOnScan: Bool?
  var module: String?
  var moduleOffset: String?
  var function: String?
  var offset: UInt64?
  var file: String?
  var line: Int?
  var inlined: Bool?

  init(pc: String? = nil, found: String? = nil, module: String?) {
    self.pc = pc
    self.found = found
    self.module = module
  }

  /// - Parameter adjustment: of the address that was looked up to the pc.
  mutating func take(_ function: FunctionLocation, adjustment: UInt64, showsSource: Bool) {
    self.function = function.name
    offset = function.offset.map { $0 &+ adjustment }
    inlined = function.isInlined ? true : nil
    guard showsSource, let source = function.source else { return }
    file = source.path
    // Lines of a file that is none mean nothing.
    line = source.path == SourceLine.compilerGenerated ? nil : source.line
  }
}

extension FunctionJSON {
  /// The place of a call.
  init(_ location: Location, showsSource: Bool) {
    self.init(module: location.modulePath)
    if let function = location.functions.first {
      take(function, adjustment: 1, showsSource: showsSource)
    } else {
      moduleOffset = location.modulePath.map { _ in hexadecimal(location.moduleOffset &+ 1) }
    }
  }
}

/// Frames left out.
struct OmissionJSON: Encodable {
  /// How many come before them.
  var after: Int
  /// How many are left out.
  var frames: Int
}

/// Whose stack a run of frames lies on.
struct StackJSON: Encodable {
  var owner: OwnerJSON
  /// How many frames, those left out included; functions inlined into them are not counted.
  var frames: Int

  init(_ segment: TraceSegment) {
    owner = OwnerJSON(segment.owner)
    frames = segment.numbers.count
  }
}

/// Whose stack it is: a thread's, a fiber's, that of a fiber in no registry, or (without a member) unknown.
struct OwnerJSON: Encodable {
  var thread: Int32?
  var fiber: UInt64?
  var registry: Int?
  var base: String?

  init(_ owner: StackOwner) {
    switch owner {
    case .thread(let id): thread = id
    case .fiber(let reference):
      fiber = reference.id
      registry = reference.registry
    case .unregistered(let address): base = hexadecimal(address)
    case .unknown: break
    }
  }
}
