package import FiberInspection

/// Holds unwinders against each other in one address space: all walk the same stack at the same instruction, and our rows are what
/// the others are compared with. Who is wrong where they differ, the truth of the stack decides.
///
/// No unwinder traces: each reads registers and memory through us. A row is looked up once by each.
package final class Agreement {
  /// Frames beyond so many are not compared, unless told otherwise: what differs further out rests on rows that are met elsewhere.
  package static let mostFrames = 64

  private let ledger: AgreementLedger
  private let process: Int32
  private let limit: Int
  private let memory: SteppedMemory
  private var modules: ModuleIndex
  private var rows: RowUnwinder
  private var libunwind: LibunwindUnwinder?
  private var libdw: LibdwUnwinder?
  private var framePointers: FramePointerUnwinder?
  private var progress: AgreementProgress

  /// - Parameters:
  ///   - ledger: what the run's address spaces share.
  ///   - process: its id, for messages.
  ///   - modules: what it has mapped now.
  ///   - memory: the process's memory as it is at each call.
  ///   - limit: frames of a walk, that of the code that runs among them.
  package init(
    _ ledger: AgreementLedger, process: Int32, modules: [Module], memory: any MemoryReader, limit: Int = mostFrames
  ) {
    self.ledger = ledger
    self.process = process
    self.limit = max(2, limit)
    self.memory = SteppedMemory(memory)
    self.modules = ModuleIndex(modules)
    rows = RowUnwinder(Snapshot(standing: process, modules: modules, memory: self.memory))
    progress = AgreementProgress(ledger.schedule)
    setModules(modules)
  }

  /// Other modules are mapped now (dlopen, dlclose).
  package func setModules(_ modules: [Module]) {
    memory.forget()
    self.modules = ModuleIndex(modules)
    let snapshot = Snapshot(standing: process, modules: modules, memory: memory)
    rows = RowUnwinder(snapshot)
    progress.forgetPlaces()
    ledger.modulesChanged(of: self)
    if ledger.unwinders.contains(.fp) { framePointers = FramePointerUnwinder(memory: memory) }
    if ledger.unwinders.contains(.libunwind) {
      do throws(AgreementError) {
        libunwind = try LibunwindUnwinder(modules, memory: memory) { [unowned self] in self.isReadable($0) }
      } catch {
        libunwind = nil
        ledger.note(error)
      }
    }
    if ledger.unwinders.contains(.libdw) {
      do throws(LibdwError) {
        libdw = LibdwUnwinder(session: try LibdwSession(snapshot), mappings: snapshot.mappings)
      } catch {
        libdw = nil
        ledger.note(AgreementError("libdw cannot be used: \(error)"))
      }
    }
  }

  private func isReadable(_ address: UInt64) -> Bool { rows.step(at: address).kind != .defective }

  /// A thread stands before an instruction: has all walk if the schedule says so.
  package func visit(_ thread: Int32, _ state: MachineState, truth: ProcessTruth) {
    if progress.isDue(state.pc, isSwitching: truth.isSwitching(at: state.pc), place: place) {
      _ = compare(thread, state, truth: truth)
    }
  }

  /// Has all walk from a thread that stands between two instructions.
  ///
  /// - Returns: who differs from our rows, each from its first differing frame on.
  /// - Complexity: O(frames) for each unwinder.
  package func compare(_ thread: Int32, _ state: MachineState, truth: ProcessTruth) -> [Disagreement] {
    let (callers, isSettled) = truth.callers(thread)
    return compare(state, truth: isSettled ? callers : nil)
  }

  /// - Parameter truth: nil where it is not known.
  func compare(_ state: MachineState, truth: TrueCallers?) -> [Disagreement] {
    memory.forget()
    rows.forgetMemory()
    let registers = Registers(dwarfOrder: (0..<17).map { state[$0] })
    var reference = WalkedCallers(rows.walk(from: registers, limit: limit), rowsAlone: true)
    // Where no row is there is nothing to hold others against.
    if let last = reference.lookups.last, rows.step(at: last).kind == .uncovered { reference.end = .limit }
    let others = walkOthers(registers)
    let place = place(of: state.pc)
    ledger.compared(path: place.path, address: place.address, frames: reference.frames.count)
    guard !others.isEmpty else { return [] }
    var judge = AgreementJudge(reference: reference, others: others, truth: truth, memory: memory)
    if ledger.unwinders.contains(.rows) { judge.views = [.rows] + others.map(\.unwinder) }

    var found: [Disagreement] = []
    for (name, walk) in others {
      guard let number = reference.difference(from: walk) else {
        ledger.agreed(name, frames: min(reference.frames.count, walk.frames.count))
        continue
      }
      ledger.agreed(name, frames: number)
      // The row that leads to frame `number` is that of the one before.
      let lookup = reference.lookups[number]
      if let limit = knownLimit(name, walk, number, lookup) {
        ledger.met(limit, of: name)
        continue
      }
      guard let verdict = judge.verdict(on: walk, from: number) else { continue }
      let place = self.place(of: lookup)
      let disagreement = Disagreement(
        path: place.path, buildID: place.buildID, address: place.address, unwinder: verdict.unwinder ?? name,
        frame: number + 1, verdict: verdict.verdict, views: judge.views(of: number), truth: verdict.truth)
      ledger.add(disagreement)
      found.append(disagreement)
    }
    return found
  }

  private func walkOthers(_ registers: Registers) -> [(unwinder: UnwinderName, walk: WalkedCallers)] {
    var walks: [(unwinder: UnwinderName, walk: WalkedCallers)] = []
    for name in ledger.unwinders {
      let walk: Walk?
      switch name {
      case .rows: continue
      case .libunwind: walk = libunwind?.walk(from: registers, limit: limit)
      case .libdw: walk = libdw?.walk(from: registers, limit: limit)
      case .fp: walk = framePointers?.walk(from: registers, limit: limit)
      case .gdb: walk = gdbWalk(registers)
      }
      if let walk { walks.append((name, WalkedCallers(walk, rowsAlone: false))) }
    }
    return walks
  }

  private func gdbWalk(_ registers: Registers) -> Walk? {
    guard let gdb = ledger.gdb(for: self, modules: modules.modules, memory: memory) else { return nil }
    do throws(AgreementError) {
      return try gdb.walk(from: registers, limit: limit, memory: memory)
    } catch {
      ledger.lostGdb(error)
      return nil
    }
  }

  /// Where an address is: the module, and the address as its file counts.
  private func place(of address: UInt64) -> (path: String, buildID: [UInt8]?, address: UInt64) {
    guard let module = modules.module(at: address) else { return ("", nil, address) }
    return (module.path, module.buildID, address &- module.bias)
  }

  /// What explains that an unwinder does not find the frame that the row at `lookup` leads to.
  private func knownLimit(_ name: UnwinderName, _ walk: WalkedCallers, _ number: Int, _ lookup: UInt64) -> KnownLimit? {
    let step = rows.step(at: lookup)
    if name == .fp { return step.restoresFramePointer ? nil : .noFramePointer }
    guard step.kind != .uncovered, step.kind != .defective else { return nil }
    if number < walk.frames.count, walk.frames[number].found != .cfi { return .noRow }
    if name != .libunwind, case .missing? = modules.module(at: lookup)?.image { return .noRow }
    if case .failed(let reason) = walk.claim(number), reason.contains("which libdw cannot evaluate") {
      return .unsupportedOperator
    }
    return nil
  }
}

extension Step {
  /// The caller's rbp lies where rbp points to, as in a function whose frame pointer is set up, or in a fiber's base.
  fileprivate var restoresFramePointer: Bool {
    guard kind == .compact, cfaRegister == 6 else { return false }
    return (0..<Int(changeCount)).contains { number in
      let change = changes[number]
      guard change.register == 6 else { return false }
      switch change.kind {
      case .saved: return !isLoaded && cfaOffset &+ change.offset == 0 && returnOffset &+ cfaOffset == 8
      case .savedAtRegister: return change.base == 6 && change.offset == 0
      case .value: return false
      }
    }
  }
}

extension ProcessTruth {
  /// Stacks were switched in the function that `pc` is in.
  func isSwitching(at pc: UInt64) -> Bool {
    !switching.isEmpty && switching.contains(map.points[map.index(at: pc)].function.lowerBound)
  }

  /// The callers of the code that a thread runs; not settled in the middle of a switch, when what comes next tells whose they are.
  func callers(_ id: Int32) -> (callers: TrueCallers, isSettled: Bool) {
    let thread = thread(id)
    return (
      TrueCallers(of: thread.stack, limit: Self.mostCallers), thread.departure == nil && thread.deferred.isEmpty
    )
  }
}
