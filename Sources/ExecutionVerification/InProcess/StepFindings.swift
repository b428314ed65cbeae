internal import FiberInspection

/// Makes findings that people read of what was found at addresses. Names are looked up for what was executed only.
final class StepFindings {
  /// What is wrong with the closure as a whole.
  enum Ending {
    case incomplete(String)
    case control(_ claim: String, _ reality: String)
    case fault(Fault)
  }

  /// A place in code with its names.
  struct Place {
    var module: Int
    /// In the file.
    var address: UInt64
    var name: ModuleNames.Name?

    var names: [String] { name.map { [$0.function, $0.rawName] } ?? [] }
    /// Where the function begins, as far as is known.
    var function: UInt64 { address &- (name?.offset ?? 0) }
  }

  private struct Key: Hashable {
    var module: Int
    var function: UInt64
    var rule: StepCheck.Rule
    var register: Int
  }

  private struct Found {
    var place: Place
    var claim: String
    var reality: String
    var addresses: Set<UInt64>
  }

  private let code: SteppedCode
  private let steps: StepReport
  private let focus: Focus
  private var found: [Key: Found] = [:]
  private var problems: [String] = []
  private var notes: [String] = []

  init(_ map: CodeMap, _ steps: StepReport, _ focus: Focus) {
    code = SteppedCode(map, steps.modules)
    self.steps = steps
    self.focus = focus
  }

  /// All that is to be said.
  ///
  /// - Parameters:
  ///   - losses: what activations did not give back, with how often.
  ///   - missed: instructions, by their addresses in the process, at which rows asked for memory that was not recorded.
  func report(
    losses: [Loss: Int], missed: Set<UInt64>, instructions: Int, endings: [Ending], problems known: [String]
  ) -> StepCheck.Report {
    problems = known
    for mismatch in steps.mismatches { add(mismatch, missed) }
    for loss in losses.keys { add(loss) }
    let functions = functions()
    for key in found.keys where key.rule == .register { dropConsequence(key) }
    let general = endings.compactMap(general) + missing(among: functions)
    let findings = found.sorted { Self.precedes($0.key, $1.key) }.map { finding($0.key.rule, $0.value) }
    return StepCheck.Report(
      findings: findings + general, instructions: instructions,
      functions: functions.map(\.function).sorted { ($0.name, $0.module) < ($1.name, $1.module) },
      problems: problems + code.problems, notes: notes)
  }

  private static func precedes(_ first: Key, _ second: Key) -> Bool {
    (first.module, first.function, first.rule.rawValue, first.register)
      < (second.module, second.function, second.rule.rawValue, second.register)
  }

  private func add(_ place: Place, _ rule: StepCheck.Rule, register: Int = -1, _ claim: String, _ reality: String) {
    let key = Key(module: place.module, function: place.function, rule: rule, register: register)
    guard let known = found[key] else {
      found[key] = Found(place: place, claim: claim, reality: reality, addresses: [place.address])
      return
    }
    if place.address < known.place.address {
      found[key]?.place = place
      found[key]?.claim = claim
      found[key]?.reality = reality
    }
    found[key]?.addresses.insert(place.address)
  }

  private func add(_ mismatch: Mismatch, _ missed: Set<UInt64>) {
    let place = code.place(mismatch.module, mismatch.address)
    guard isJudged(place) else { return }
    let text = code.text(mismatch)
    switch mismatch.subject {
    case .failed, .walk:
      if missed.contains(code.processAddress(mismatch.module, mismatch.address)) {
        problems.append(
          "\(code.title(place)): not judged: its row needs memory that is no stack's, which is not recorded")
        return
      }
    default: break
    }
    add(place, text.rule, register: text.register, text.claim, text.reality)
  }

  private func add(_ loss: Loss) {
    guard let place = code.place(loss.pc), isJudged(place) else { return }
    switch loss.what {
    case .stack(let claimed, let actual):
      add(
        place, .stackAfter, "rsp is \(hexadecimal(claimed)) behind the call",
        "it is \(hexadecimal(actual)), \(SteppedCode.distance(from: claimed, to: actual))")
    case .register(let number, let claimed, let actual):
      let index = (0..<CalleeSaved.count).first { CalleeSaved.number($0) == Int(number) } ?? 0
      if !CalleeSaved.isAlwaysKept(index) && place.name.map(Self.isSwift) == true { return }
      add(
        place, .registerKept, register: Int(number),
        "\(SteppedCode.name(number)) is given back as it was, \(hexadecimal(claimed))", "it is \(hexadecimal(actual))")
    }
  }

  /// Swift's mangled names (docs/ABI/Mangling.rst) and its runtime's entry points.
  private static func isSwift(_ name: ModuleNames.Name) -> Bool {
    ["$s", "$S", "_$s", "swift_"].contains { name.rawName.hasPrefix($0) }
  }

  /// The recorder's own code around the closure is not.
  private func isJudged(_ place: Place) -> Bool { !code.isGlue(place) && focus.judges(place.names) }

  /// A row that says that a register is kept is right where a function should have kept it: the one mistake is told once.
  private func dropConsequence(_ key: Key) {
    var cause = key
    cause.rule = .registerKept
    if found[cause] != nil { found[key] = nil }
  }

  private func general(_ ending: Ending) -> StepCheck.Finding? {
    switch ending {
    case .incomplete(let reason): return whole(.incomplete, "each instruction is stepped", reason)
    case .control(let claim, let reality): return whole(.controlAfter, "behind the call \(claim)", reality)
    case .fault(let fault):
      let text = code.text(fault)
      guard let place = code.place(fault.pc) else { return whole(.fault, text.claim, text.reality) }
      add(place, .fault, text.claim, text.reality)
      return nil
    }
  }

  private func whole(_ rule: StepCheck.Rule, _ claim: String, _ reality: String) -> StepCheck.Finding {
    StepCheck.Finding(
      rule: rule, function: "", offset: 0, instruction: "", places: 1, claim: claim, reality: reality, module: "",
      address: 0, source: nil)
  }

  private func finding(_ rule: StepCheck.Rule, _ found: Found) -> StepCheck.Finding {
    let place = found.place
    return StepCheck.Finding(
      rule: rule, function: place.name?.function ?? "", offset: place.name?.offset ?? 0,
      instruction: code.instruction(place), places: found.addresses.count, claim: found.claim, reality: found.reality,
      module: code.path(place.module), address: place.address, source: code.source(place))
  }

  private func missing(among functions: [(function: StepCheck.Function, names: [String])]) -> [StepCheck.Finding] {
    focus.missing(among: functions.map(\.names)).map {
      whole(.incomplete, "'\($0)' is executed", "no function of this name was: it may be inlined, or have no symbol")
    }
  }

  /// What was executed, by function. Adds findings for instructions that no row covers.
  private func functions() -> [(function: StepCheck.Function, names: [String])] {
    struct Function {
      var place: Place
      var activations = 0
    }
    var all: [UInt64: Function] = [:]
    var result: [(function: StepCheck.Function, names: [String])] = []
    for (index, module) in steps.modules.enumerated() {
      all.removeAll(keepingCapacity: true)
      var unread = 0
      var withoutRow: Set<UInt64> = []
      for address in Array(module.seen.keys) + Array(module.unjudged.keys) {
        let place = code.place(index, address)
        guard isJudged(place) else { continue }
        if all[place.function] == nil { all[place.function] = Function(place: place) }
        switch module.unjudged[address] {
        // Compilers give some helpers none, and nobody has asked for those.
        case .noRow where focus.isEverything: withoutRow.insert(place.function)
        case .noRow: add(place, .noRow, "a row covers each instruction", "none covers this one")
        case .noFile, .unreadable: unread += 1
        default: break
        }
      }
      for (start, count) in module.activations {
        let place = code.place(index, start)
        all[place.function]?.activations += count
      }
      if unread > 0 {
        problems.append(
          "\(counted(unread, "instruction")) of \(module.path.isEmpty ? "code in no file" : module.path), not judged: "
            + "there are no rows to be read")
      }
      if !withoutRow.isEmpty {
        notes.append(
          "\(counted(withoutRow.count, "function")) of \(module.path), not judged: no row covers the code, which is a finding "
            + "if functions are named")
      }
      for function in all.values where !withoutRow.contains(function.place.function) {
        let name = function.place.name?.function ?? hexadecimal(function.place.address)
        result.append(
          (
            StepCheck.Function(name: name, module: module.path, activations: function.activations),
            function.place.names
          ))
      }
    }
    return result
  }
}

/// "1 function", "2 functions".
func counted(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

/// As addresses are written.
func hexadecimal(_ value: some BinaryInteger) -> String { "0x" + String(value, radix: 16) }
