internal import FiberInspection

/// An address space that is traced.
final class TracedProcess {
  let id: Int32
  let memory: LiveMemory
  let truth: ProcessTruth
  let modules: TracedModules
  /// nil if no unwinders are compared.
  private(set) var agreement: Agreement?
  private var mapped: [Module] = []
  private(set) var problems: [Problem] = []
  /// Pages of code that is in no file, as of the last look at the mappings.
  private var foreign: Set<UInt64> = []

  /// It executes 32-bit code, which is left alone.
  private(set) var isForeign = false

  /// In sampled mode.
  private(set) var breakpoints: Breakpoints?
  /// Modules, by their start, whose functions have breakpoints.
  private var prepared: Set<UInt64> = []
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
    isForeign = ProgramClass.is32Bit(thread: thread)
    let found = isForeign ? nil : modules.changed(thread: thread)
    problems = found?.problems ?? []
    if isForeign { problems.append(Problem("process \(id): it is a 32-bit program: it runs, and is not followed")) }
    let all = found?.modules ?? []
    mapped = all
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
    isForeign = parent.isForeign
    memory = LiveMemory(thread: id)
    modules = TracedModules(process: id, thread: id)
    _ = modules.changed(thread: id)
    truth = parent.truth.forked(thread, child: id, memory: memory)
    mapped = parent.mapped
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

  /// `address` is in a function that was asked for.
  func isWanted(_ address: UInt64) -> Bool {
    if focus.isEverything { return true }
    if let known = wanted[address] { return known }
    let answer = truth.module(at: address).map { focus.contains(address &- $0.bias, of: $0) } ?? focus.isModulesOnly
    wanted[address] = answer
    return answer
  }

  /// Where functions that were asked for begin, module by module.
  private var wantedStarts: [(module: Module, starts: [UInt64])] {
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
    last = mapped.first { $0.range.contains(pc) }?.range
    if last != nil || foreign.contains(pc >> 12) { return }
    foreign.insert(pc >> 12)
    refresh(thread: thread)
  }

  /// Unwinders are compared from here on.
  func compareUnwinders(_ ledger: AgreementLedger) {
    agreement = Agreement(ledger, process: id, modules: truth.map.modules, memory: memory)
  }

  /// Sets breakpoints where functions begin that were asked for, in modules that have none yet.
  ///
  /// - Throws: why its memory cannot be written.
  func setBreakpoints(thread: Int32) throws(InspectionError) {
    let points: Breakpoints
    if let breakpoints { points = breakpoints } else { points = try Breakpoints(thread: thread) }
    breakpoints = points
    points.setCode(modules.code, modules: mapped)
    for (module, starts) in wantedStarts where prepared.insert(module.range.lowerBound).inserted {
      points.setEntries(starts.filter { counts[$0] == nil })
    }
    // Exported by the dynamic linker for debuggers, who stop there (link.h, r_brk).
    for address in truth.exportedFunctions("_dl_debug_state") { points.addLinker(address) }
  }

  /// The mappings may have changed.
  func refresh(thread: Int32) {
    guard let found = modules.changed(thread: thread) else { return }
    problems += found.problems.filter { !problems.contains($0) }
    let old = mapped
    mapped = found.modules
    let kept = mapped.filter { module in old.contains { $0.isSame(as: module) } }
    prepared.formIntersection(kept.map(\.range.lowerBound))
    last = nil
    foreign = []
    wanted = [:]
    truth.setModules(found.modules)
    agreement?.setModules(found.modules)
  }
}
