internal import CStepping
internal import FiberInspection
internal import Glibc
internal import Instructions

/// The code that was stepped, in words.
final class SteppedCode {
  private let map: CodeMap
  private let modules: [StepReport.Module]
  private let biases: [UInt64]
  private let names: [ModuleNames]
  private let memory = LiveMemory(thread: getpid())
  private let disassembler = Disassembler()

  init(_ map: CodeMap, _ modules: [StepReport.Module]) {
    self.map = map
    self.modules = modules
    let known = Dictionary(map.modules.map { ($0.path, $0.bias) }, uniquingKeysWith: { first, _ in first })
    biases = modules.map { known[$0.path] ?? 0 }
    names = modules.map { ModuleNames($0.image ?? .missing(reason: "it is in no file")) }
  }

  /// Why names are missing, one line each.
  var problems: [String] { names.flatMap(\.problems) }

  func path(_ module: Int) -> String { modules[module].path.isEmpty ? "[code in no file]" : modules[module].path }

  func processAddress(_ module: Int, _ address: UInt64) -> UInt64 { address &+ biases[module] }

  /// The place of an address in a file.
  func place(_ module: Int, _ address: UInt64) -> StepFindings.Place {
    StepFindings.Place(module: module, address: address, name: names[module].name(at: address))
  }

  /// The place of an address in the process; nil if it is in no module that was executed.
  func place(_ pc: UInt64) -> StepFindings.Place? {
    let number = map.module(at: pc)
    guard number >= 0, let module = modules.firstIndex(where: { $0.path == map.modules[number].path }) else {
      return nil
    }
    return place(module, pc &- biases[module])
  }

  /// Where messages say that something is.
  func title(_ place: StepFindings.Place) -> String {
    place.name.map { "\($0.function)+\($0.offset)" } ?? "\(path(place.module))+\(hexadecimal(place.address))"
  }

  /// What lies between the call of a check and the closure.
  func isGlue(_ place: StepFindings.Place) -> Bool {
    ft_stepping_calls_body(processAddress(place.module, place.address))
      || place.name?.rawName.hasPrefix("$s21ExecutionVerification") == true
  }

  func source(_ place: StepFindings.Place) -> String? {
    names[place.module].line(at: place.address).map { "\($0.path):\($0.line)" }
  }

  /// The instruction at a place, in Intel's syntax.
  func instruction(_ place: StepFindings.Place) -> String {
    let address = processAddress(place.module, place.address)
    let bytes = memory.bytes(at: address, count: Disassembler.longestInstruction)
    guard !bytes.isEmpty else { return "(not readable)" }
    _ = disassembler.decode(bytes, at: 0, address: address)
    return String(decoding: disassembler.text[..<disassembler.textCount], as: UTF8.self)
  }

  /// A general register by its DWARF number.
  static func name(_ number: UInt8) -> String {
    let names = ["rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp"]
    return number < 8 ? names[Int(number)] : number < 16 ? "r\(number)" : "rip"
  }

  /// "8 bytes higher".
  static func distance(from first: UInt64, to second: UInt64) -> String {
    let distance = Int64(bitPattern: second &- first)
    return "\(distance.magnitude) bytes \(distance < 0 ? "lower" : "higher")"
  }

  private static func signed(_ offset: Int64) -> String { offset < 0 ? " - \(offset.magnitude)" : " + \(offset)" }

  /// The rule that is broken, the register that it is about or -1, what the row says, and what is so.
  func text(_ mismatch: Mismatch) -> (rule: StepCheck.Rule, register: Int, claim: String, reality: String) {
    let point = map.points[map.index(at: processAddress(mismatch.module, mismatch.address))]
    let claimed = hexadecimal(mismatch.claimed)
    let actual = hexadecimal(mismatch.actual)
    switch mismatch.subject {
    case .cfa:
      let distance = Int64(bitPattern: mismatch.actual &- mismatch.claimed)
      guard point.step.kind == .compact, !point.step.isLoaded else {
        return (
          .cfa, -1, "the CFA is \(claimed)",
          "it is \(actual), \(Self.distance(from: mismatch.claimed, to: mismatch.actual))"
        )
      }
      let register = Self.name(point.step.cfaRegister)
      let offset = Int64(point.step.cfaOffset)
      return (
        .cfa, -1, "CFA = \(register)\(Self.signed(offset))", "it is \(register)\(Self.signed(offset &+ distance))"
      )
    case .returnAddressSlot:
      return (.returnAddress, -1, "the return address lies at \(claimed)", "it lies at \(actual)")
    case .returnAddress:
      return (.returnAddress, -1, "the return address is \(claimed)", "it is \(actual)\(caller(mismatch.actual))")
    case .register(let number):
      return (
        .register, Int(number), "\(rule(point.step, number)), so the caller has \(claimed)", "it has \(actual)"
      )
    case .walk(let frame):
      return (
        .walk, -1, "rows lead to \(claimed) in frame \(frame + 1)\(caller(mismatch.claimed))",
        "there is \(actual)\(caller(mismatch.actual))"
      )
    case .failed(let reason): return (.rowFailed, -1, "the row leads to the caller", reason)
    case .outermost:
      return (.outermost, -1, "there is no caller", "it was called from \(actual)\(caller(mismatch.actual))")
    }
  }

  private func rule(_ step: borrowing Step, _ number: UInt8) -> String {
    let name = Self.name(number)
    guard step.kind == .compact else { return "\(name) is found by an expression" }
    for index in 0..<Int(step.changeCount) where step.changes[index].register == number {
      let change = step.changes[index]
      let offset = Self.signed(Int64(change.offset))
      switch change.kind {
      case .saved: return "\(name) is saved at CFA\(offset)"
      case .savedAtRegister: return "\(name) is saved at \(Self.name(change.base))\(offset)"
      case .value: return "\(name) is CFA\(offset)"
      }
    }
    return "\(name) is as in the caller"
  }

  /// " in NAME" for a return address.
  private func caller(_ address: UInt64) -> String {
    guard let place = place(address &- 1), let name = place.name else { return "" }
    return " in \(name.function)"
  }

  /// What should be and what is.
  func text(_ fault: Fault) -> (claim: String, reality: String) {
    let signal = Self.signals[fault.signal] ?? "signal \(fault.signal)"
    if let imbalance = fault.imbalance {
      let place =
        imbalance == 0
        ? "the return address was overwritten"
        : "rsp is \(imbalance.magnitude) bytes too \(imbalance < 0 ? "low" : "high") for its return address"
      let target = fault.target.map { "it leads to \(hexadecimal($0)), which is no code" } ?? "it cannot be carried out"
      return ("ret leads to the caller", "\(target): \(place) (\(signal))")
    }
    if let target = fault.target { return ("it leads to code", "there is none at \(hexadecimal(target)) (\(signal))") }
    let about =
      fault.address.map { "address \(hexadecimal($0))" }
      ?? (fault.signal == SIGSEGV ? "an operand that is not aligned, or has no canonical address" : "sent by somebody")
    return ("the call returns", "\(signal) ended it here (\(about))")
  }

  private static let signals: [Int32: String] = [
    SIGSEGV: "SIGSEGV", SIGBUS: "SIGBUS", SIGILL: "SIGILL", SIGFPE: "SIGFPE",
  ]
}
