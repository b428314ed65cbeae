package import FiberInspection
internal import Instructions

/// The truth of the stacks of one address space, and the rows that are held against it.
///
/// Whoever steps tells it of every event, in order; it answers what the step was. Nothing that it takes for true comes from call
/// frame information: calls, returns and jumps are seen as they are executed. Where a row is asked (which function is entered
/// where, whether a jump left a return address), it only chooses between what was seen.
package final class ProcessTruth {
  /// How a thread comes to be followed.
  package enum Beginning: Sendable {
    /// At the first instruction after exec, or of a new thread: there is no frame.
    case start
    /// Somewhere: its frames are not known.
    case middle
    /// At the first instruction of a function that was reached at full speed: the return address lies at rsp, if it was called.
    case entry
  }

  /// What a step did, as far as somebody has to act on it.
  package enum Step: Sendable, Hashable {
    /// It stays in the same activation, or is back in one that is known.
    case same
    /// A function was called: its return address lies at `slot`.
    case called(slot: UInt64, returnAddress: UInt64)
    /// A known activation has returned to one that is known.
    case returned
    /// No activation is known here any more.
    case unknown
  }

  /// Of a stack no more callers are compared. A recursion of 100,000 would take all the time.
  static let mostCallers = 1024

  let ledger: Ledger
  var map: CodeMap
  private let memory: any MemoryReader
  /// Rows of code that is in no file.
  let jit: JitFrames
  private var jitInterface = JitInterface()
  var words: StepWords
  var walkWords: StepWords
  private var threads: [Int32: ThreadTruth] = [:]
  private var latest: (id: Int32, thread: ThreadTruth)?
  /// Stacks that control has left, by rsp then, and by the CFA of their innermost frame: what rsp is when control comes back.
  var suspended: [UInt64: ShadowStack] = [:]
  /// Whole stacks are walked at each instruction of these functions: a stack was switched in them.
  var switching: Set<UInt64> = []
  /// Some thread has run at full speed: stacks that were left may have been resumed meanwhile, and one that is met for the first
  /// time may have been used before.
  var hasRun = false
  let walkInterval: Int
  /// For each of `map.modules` and -1 behind them, the index in the ledger.
  var files: [Int]

  /// - Parameters:
  ///   - memory: the process's memory as it is at each call.
  ///   - modules: what it has mapped now.
  ///   - walkInterval: after so many steps of a thread the whole stack is walked again; besides wherever an instruction is met for
  ///     the first time, and at each in code that switches stacks.
  package convenience init(memory: any MemoryReader, modules: [Module], walkInterval: Int) {
    self.init(
      modules, ledger: Ledger(), jit: JitFrames(memory: memory), jitInterface: JitInterface(), memory: memory,
      walkInterval: walkInterval)
  }

  /// Another process of the same run: what was found is kept together.
  package convenience init(_ other: ProcessTruth, memory: any MemoryReader, modules: [Module]) {
    self.init(
      modules, ledger: other.ledger, jit: JitFrames(memory: memory), jitInterface: JitInterface(), memory: memory,
      walkInterval: other.walkInterval)
  }

  private init(
    _ modules: [Module], ledger: Ledger, jit: JitFrames, jitInterface: JitInterface, memory: any MemoryReader,
    walkInterval: Int
  ) {
    self.jit = jit
    self.jitInterface = jitInterface
    map = Self.map(modules, &self.jitInterface, jit, memory)
    self.ledger = ledger
    self.memory = memory
    self.walkInterval = max(1, walkInterval)
    words = StepWords(memory)
    walkWords = StepWords(memory, size: 4096, before: 512)
    files = Self.files(map, ledger)
  }

  /// Code by address, and what programs with these modules have told debuggers of so far.
  private static func map(
    _ modules: [Module], _ jitInterface: inout JitInterface, _ jit: JitFrames, _ memory: any MemoryReader
  ) -> CodeMap {
    jitInterface.setModules(modules)
    for descriptor in jitInterface.descriptors { jit.readDebugDescriptor(at: descriptor) }
    return CodeMap(modules, memory: memory, jit: jit, jitCalls: jitInterface.calls)
  }

  /// Functions by which the process tells of code that it makes: breakpoints at their first instructions have to stay, whatever
  /// is sampled, and `begin` told of each hit.
  package var watchedFunctions: [UInt64] { jitInterface.calls.keys.sorted() }

  private static func files(_ map: CodeMap, _ ledger: Ledger) -> [Int] {
    map.modules.map { ledger.file(of: $0) } + [ledger.file(of: nil)]
  }

  /// Other modules are mapped now (dlopen, dlclose).
  package func setModules(_ modules: [Module]) {
    drain()
    map = Self.map(modules, &jitInterface, jit, memory)
    files = Self.files(map, ledger)
    // These refer to the old map.
    for thread in threads.values {
      thread.deferred = []
      thread.departure = nil
      thread.interruptions = []
      for stack in [thread.stack] + suspended.values {
        for index in stack.frames.indices { stack.frames[index].suspicions = [:] }
      }
    }
  }

  func thread(_ id: Int32) -> ThreadTruth {
    if let latest, latest.id == id { return latest.thread }
    let thread = threads[id] ?? ThreadTruth()
    threads[id] = thread
    latest = (id, thread)
    return thread
  }

  /// A thread is followed from here on.
  ///
  /// - Returns: whether there is an activation whose caller is known, to be stepped; always, for `start`.
  @discardableResult package func begin(_ id: Int32, _ state: MachineState, _ how: Beginning) -> Bool {
    words.forget()
    walkWords.forget()
    let thread = thread(id)
    thread.deferred = []
    thread.departure = nil
    thread.interruptions = []
    switch how {
    case .start, .middle:
      thread.stack = ShadowStack()
      thread.stack.isFresh = how == .start
      if how == .start { thread.stack.base = state.sp }
      judge(thread, state)
      return how == .start
    case .entry:
      if enter(thread, state) { return true }
      if let call = map.points[map.index(at: state.pc)].jitCall { jit.called(call, state) }
      return false
    }
  }

  private func enter(_ thread: ThreadTruth, _ state: MachineState) -> Bool {
    let index = map.index(at: state.pc)
    guard map.points[index].isEntry, map.points[index].isCalled, let returnAddress = words.word(at: state.sp),
      isCallSite(before: returnAddress)
    else { return false }
    let stack = thread.stack
    if let bottom = stack.frames.first, state.sp < bottom.high, bottom.high - state.sp < 1 << 23 {
      stack.drop(below: state.sp &+ 8)
    } else {
      // Where control has left the other one, and with what frames, is not known.
      thread.stack = ShadowStack()
    }
    hasRun = true
    thread.stack.hasRun = true
    push(thread, state, cfa: state.sp &+ 8, returnAddress, isPartial: true)
    judge(thread, state)
    return true
  }

  private func isCallSite(before address: UInt64) -> Bool {
    let bytes = memory.bytes(at: address &- UInt64(CallSite.longest), count: CallSite.longest)
    return CallSite.ends(bytes, before: address) { map.module(at: $0) >= 0 }
  }

  func push(
    _ thread: ThreadTruth, _ state: MachineState, cfa: UInt64, _ returnAddress: UInt64, isPartial: Bool = false
  ) {
    var frame = ShadowFrame(cfa: cfa, returnAddress: returnAddress, saved: CalleeSaved.values(state))
    frame.isPartial = isPartial
    thread.stack.frames.append(frame)
    let index = map.index(at: state.pc)
    if map.points[index].module >= 0, !map.points[index].function.isEmpty {
      let module = map.points[index].module
      ledger.entered(
        file: files[module], function: map.points[index].function.lowerBound &- map.modules[module].bias)
    }
  }

  func suspend(_ stack: ShadowStack, sp: UInt64) {
    stack.sp = sp
    suspended[sp] = stack
    if let top = stack.frames.last, top.kind == .call { suspended[top.cfa] = stack }
  }

  func resume(_ stack: ShadowStack) {
    if suspended[stack.sp] === stack { suspended[stack.sp] = nil }
    if let top = stack.frames.last, suspended[top.cfa] === stack { suspended[top.cfa] = nil }
  }

  /// The call that `called` told of was run at full speed and has come back to its return address, with the frame gone.
  package func ranOver(_ id: Int32, to: MachineState) -> Step {
    words.forget()
    walkWords.forget()
    let thread = thread(id)
    thread.deferred = []
    thread.departure = nil
    hasRun = true
    thread.stack.hasRun = true
    let call = thread.stack.frames.last { $0.kind == .call && $0.cfa == to.sp }
    thread.stack.drop(below: to.sp)
    // One that only looks like it: the call that was meant was left by a jump, and another activation of the caller calls again.
    guard let call, call.returnAddress == to.pc, !call.isPartial, !thread.stack.frames.isEmpty,
      (0..<CalleeSaved.count).allSatisfy({
        !CalleeSaved.isAlwaysKept($0) || call.saved[$0] == to[CalleeSaved.number($0)]
      })
    else { return .unknown }
    judge(thread, to)
    return .same
  }

  /// The thread runs at full speed for an unknown time.
  package func released(_ id: Int32) {
    let thread = thread(id)
    thread.deferred = []
    thread.departure = nil
    thread.interruptions = []
  }

  /// The thread has ended.
  package func ended(_ id: Int32) {
    for frame in threads[id]?.stack.frames ?? [] where !frame.suspicions.isEmpty { giveUp(frame, nil) }
    threads[id] = nil
    if latest?.id == id { latest = nil }
  }

  /// A copy for a child that fork made: `parent` is the thread that called it, `child` the new process's only thread.
  package func forked(_ parent: Int32, child: Int32, memory: any MemoryReader) -> ProcessTruth {
    let copy = ProcessTruth(
      map.modules, ledger: ledger, jit: JitFrames(of: jit, memory: memory), jitInterface: jitInterface, memory: memory,
      walkInterval: walkInterval)
    copy.hasRun = hasRun
    var copies: [ObjectIdentifier: ShadowStack] = [:]
    copy.thread(child).stack = Self.copy(thread(parent).stack, &copies)
    for (sp, stack) in suspended { copy.suspended[sp] = Self.copy(stack, &copies) }
    return copy
  }

  /// A copy of a stack and of those that resumed it.
  private static func copy(_ stack: ShadowStack, _ copies: inout [ObjectIdentifier: ShadowStack]) -> ShadowStack {
    let first = ShadowStack()
    var (source, target) = (stack, first)
    while true {
      if let known = copies[ObjectIdentifier(source)] { return known }
      copies[ObjectIdentifier(source)] = target
      target.frames = source.frames
      for index in target.frames.indices { target.frames[index].suspicions = [:] }
      target.sp = source.sp
      target.isFresh = source.isFresh
      target.base = source.base
      target.hasRun = source.hasRun
      guard let next = source.resumer else { return first }
      if let known = copies[ObjectIdentifier(next)] {
        target.resumer = known
        return first
      }
      let copied = ShadowStack()
      target.resumer = copied
      (source, target) = (next, copied)
    }
  }

  /// Moves what the map has counted to the ledger.
  private func drain() {
    for index in map.points.indices {
      let point = map.points[index]
      let file = files[point.module >= 0 ? point.module : files.count - 1]
      if point.visits == 0 { continue }
      ledger.saw(
        file: file, address: point.fileAddress, times: point.seen, unjudged: point.seen == 0 ? point.unjudged : nil)
      map.points[index].seen = 0
      map.points[index].visits = 0
    }
  }

  /// Where functions begin, module by module.
  package var functionStarts: [(module: Module, starts: [UInt64])] {
    map.modules.indices.map { (map.modules[$0], map.functionStarts(of: $0)) }
  }

  /// The addresses of functions of this name that modules export.
  package func exportedFunctions(_ name: String) -> [UInt64] {
    map.modules.indices.compactMap { map.exportedFunction(name, of: $0) }
  }

  /// Whether a function begins at `pc`, and what is known of code there: how often it was executed.
  func visits(at pc: UInt64) -> (isEntry: Bool, visits: Int) {
    let index = map.index(at: pc)
    return (map.points[index].isEntry, map.points[index].visits)
  }

  func module(at address: UInt64) -> Module? {
    let number = map.module(at: address)
    return number < 0 ? nil : map.modules[number]
  }

  /// The innermost activation of a thread.
  func top(_ id: Int32) -> ShadowFrame? { thread(id).stack.frames.last }

  /// Puts what was found and covered so far, in all processes of the run, into `report`.
  package func add(to report: inout StepReport) {
    for thread in threads.values { refuteDeferred(thread) }
    drain()
    report.modules = ledger.modules
    report.mismatches = ledger.sortedMismatches
    report.steps = ledger.steps
    report.walks = ledger.walks
    report.lostMismatches = ledger.lostMismatches
    for problem in map.problems where !report.problems.contains(problem) { report.problems.append(problem) }
  }

  /// The callers of the code that a thread runs, the innermost first, as far as they are known on this stack and those that
  /// resumed it; whether that is all of them.
  package func trueFrames(_ id: Int32) -> (frames: [TrueFrame], isWhole: Bool) {
    let items = TrueCallers(of: thread(id).stack, limit: Self.mostCallers).items
    var frames: [TrueFrame] = []
    for item in items {
      switch item {
      case .frame(let frame, _): frames.append(frame)
      case .base, .unsure: break
      case .unknown: return (frames, false)
      }
    }
    return (frames, true)
  }
}
