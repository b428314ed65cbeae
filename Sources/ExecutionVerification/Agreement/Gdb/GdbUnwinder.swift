internal import FiberInspection
internal import Glibc

/// Walks by gdb: one for a whole run, which knows the modules of the process that it looked at last.
final class GdbUnwinder {
  /// What gdb has read of a module.
  private struct Loaded: Hashable {
    var path: String
    var bias: UInt64
    var buildID: [UInt8]?
    /// Where no build-id tells one file from another.
    var descriptor: Int32?
    /// An address in it.
    var address: UInt64

    init?(_ module: Module) {
      guard case .file(let file) = module.image else { return nil }
      path = module.path
      bias = module.bias
      buildID = module.buildID
      descriptor = module.buildID == nil ? file.descriptor : nil
      address = module.range.lowerBound
    }
  }

  private let connection: GdbConnection
  private var loaded: [Loaded: OpenFile] = [:]
  /// Modules that gdb could not read, one line each.
  private(set) var problems: [Problem] = []

  /// Starts gdb.
  init(memory: any MemoryReader) throws(AgreementError) {
    let nothing = Registers(programCounter: 0, framePointer: 0, stackPointer: 0)
    connection = try GdbConnection(serving: GdbTarget(memory: memory, registers: nothing))
  }

  /// Has gdb know these modules and no others. Their files are given to it by descriptor, which deleted ones have too.
  func setModules(_ modules: [Module], memory: any MemoryReader) throws(AgreementError) {
    let nothing = Registers(programCounter: 0, framePointer: 0, stackPointer: 0)
    let target = GdbTarget(memory: memory, registers: nothing)
    var wanted: [Loaded: OpenFile] = [:]
    for module in modules {
      if case .file(let file) = module.image, let key = Loaded(module) { wanted[key] = file }
    }
    for old in loaded.keys where wanted[old] == nil {
      loaded[old] = nil
      _ = try connection.answer(to: "remove 0x\(PacketText.hexadecimal(old.address))", serving: target)
    }
    for (new, file) in wanted.sorted(by: { $0.key.address < $1.key.address }) where loaded[new] == nil {
      // What gdb refuses it is not asked again.
      loaded[new] = file
      let answer = try connection.answer(
        to: "add /proc/\(getpid())/fd/\(file.descriptor) 0x\(PacketText.hexadecimal(new.bias))", serving: target)
      if answer != "ok" { problems.append(Problem("\(new.path): gdb does not read it: \(answer)")) }
    }
  }

  /// The frames from `registers` outwards.
  func walk(from registers: Registers, limit: Int, memory: any MemoryReader) throws(AgreementError) -> Walk {
    let target = GdbTarget(memory: memory, registers: registers)
    let answer = try connection.answer(to: "walk \(limit)", serving: target)
    guard let bar = answer.firstIndex(of: "|") else { throw AgreementError("gdb: \(answer)") }
    var frames: [WalkedFrame] = []
    for word in answer[..<bar].split(separator: " ") {
      let parts = word.split(separator: ":")
      guard parts.count == 2, let pc = PacketText.number(Array(parts[0].utf8)) else {
        throw AgreementError("gdb answers what is no frame: \(word)")
      }
      frames.append(
        WalkedFrame(
          programCounter: frames.isEmpty ? .exact(pc) : .returnAddress(pc),
          stackPointer: PacketText.number(Array(parts[1].utf8)), framePointer: nil, found: .cfi))
    }
    let reason = answer[answer.index(after: bar)...]
    let end: Walk.End =
      reason == "outermost" ? .outermost : frames.count >= limit ? .limit : .failed("gdb: \(reason)")
    return Walk(frames: frames, end: end)
  }
}
