internal import FiberInspection

/// An address space that is traced.
final class TracedProcess {
  let id: Int32
  let memory: LiveMemory
  let truth: ProcessTruth
  let modules: TracedModules
  /// nil if no unwinders are compared.
  private(set) var agreement: Agreement?
  private var ranges: [Range<UInt64>] = []
  private(set) var problems: [Problem] = []
  /// Pages of code that is in no file, as of the last look at the mappings.
  private var foreign: Set<UInt64> = []

  /// In sampled mode.
  var breakpoints: Breakpoints?
  /// Modules, by their start, whose functions have breakpoints.
  var prepared: Set<UInt64> = []
  /// How often each function was followed, and how often it was come to otherwise than by a call.
  var counts: [UInt64: Int] = [:]
  var misses: [UInt64: Int] = [:]
  private var wanted: [UInt64: Bool] = [:]
  private let focus: FunctionFocus

  /// - Parameter other: a process of the same run.
  init(id: Int32, thread: Int32, options: RunOptions, focus: FunctionFocus, other: ProcessTruth?) {
    self.id = id
    self.focus = focus
    memory = LiveMemory(thread: thread)
    modules = TracedModules(process: id, thread: thread)
    let found = modules.changed(thread: thread)
    problems = found?.problems ?? []
    let all = found?.modules ?? []
    ranges = all.map(\.range)
    if let other {
      truth = ProcessTruth(other, memory: memory, modules: all)
    } else {
      truth = ProcessTruth(memory: memory, modules: all, walkInterval: options.walkInterval)
    }
  }

  /// The child of a fork.
  ///
  /// - Parameter sharesMemory: until it executes another program (vfork).
  init(id: Int32, forkedFrom parent: TracedProcess, by thread: Int32, sharesMemory: Bool) {
    self.id = id
    focus = parent.focus
    memory = LiveMemory(thread: id)
    modules = TracedModules(process: id, thread: id)
    _ = modules.changed(thread: id)
    truth = parent.truth.forked(thread, child: id, memory: memory)
    ranges = parent.ranges
    foreign = parent.foreign
    prepared = parent.prepared
    counts = parent.counts
    misses = parent.misses
    do throws(InspectionError) {
      if let points = parent.breakpoints { breakpoints = sharesMemory ? points : try Breakpoints(points, thread: id) }
    } catch {
      problems.append(Problem(error.description))
    }
  }

  /// A breakpoint has stood at a function's start.
  func wasBreakpoint(_ address: UInt64) -> Bool {
    counts[address] != nil || misses[address] != nil || left.contains(address)
  }

  /// Where breakpoints behind calls have been.
  private var left: Set<UInt64> = []

  /// A breakpoint behind a call goes away.
  func leave(_ address: UInt64) { left.insert(address) }

  /// The function that begins at `address` is one that was asked for.
  func isWanted(_ address: UInt64) -> Bool {
    if focus.isEverything { return true }
    if let known = wanted[address] { return known }
    let answer = truth.module(at: address).map { focus.contains(address &- $0.bias, of: $0) } ?? focus.isModulesOnly
    wanted[address] = answer
    return answer
  }

  /// Where functions that were asked for begin, module by module.
  var wantedStarts: [(module: Module, starts: [UInt64])] {
    truth.functionStarts.map { module, starts in
      (module, starts.filter { focus.contains($0 &- module.bias, of: module) })
    }
  }

  /// Looks at the mappings again if code is executed that was in no module.
  @inline(__always) func see(_ pc: UInt64, thread: Int32) {
    if let last, last.contains(pc) { return }
    find(pc, thread)
  }

  private var last: Range<UInt64>?

  @inline(never) private func find(_ pc: UInt64, _ thread: Int32) {
    last = ranges.first { $0.contains(pc) }
    if last != nil || foreign.contains(pc >> 12) { return }
    foreign.insert(pc >> 12)
    refresh(thread: thread)
  }

  /// Unwinders are compared from here on.
  func compareUnwinders(_ ledger: AgreementLedger) {
    agreement = Agreement(ledger, process: id, modules: truth.map.modules, memory: memory)
  }

  /// The mappings may have changed.
  func refresh(thread: Int32) {
    guard let found = modules.changed(thread: thread) else { return }
    problems += found.problems.filter { !problems.contains($0) }
    let old = ranges
    ranges = found.modules.map(\.range)
    prepared.formIntersection(found.modules.filter { old.contains($0.range) }.map(\.range.lowerBound))
    last = nil
    foreign = []
    wanted = [:]
    truth.setModules(found.modules)
    agreement?.setModules(found.modules)
  }
}
