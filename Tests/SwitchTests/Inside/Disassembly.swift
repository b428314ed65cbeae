internal import Foundation
internal import TestSupport
internal import Testing

/// The instructions of a program's functions, by binutils: the truth about which pcs there are.
struct Disassembly {
  struct Instruction: Sendable {
    var address: UInt64
    /// Mnemonic and operands, blanks made single.
    var text: String
  }

  struct Function: Sendable {
    var name: String
    var low: UInt64
    var high: UInt64
  }

  /// The functions and labels of the switch by name; a label has `low == high`.
  var symbols: [String: Function]
  /// The program's instructions from the first to the last function of the switch, in order of address.
  var instructions: [Instruction]

  /// The functions of `fiber_x86_64.S`.
  static let switchFunctions = [
    "ft_fiber_resume", "ft_fiber_suspend", "ft_fiber_suspend_called", "ft_fiber_start", "ft_fiber_not_running",
    "ft_fiber_init", "ft_shadow_stack_enabled", "ft_fiber_resume_c", "ft_fiber_suspend_c", "ft_suspend_calls",
  ]

  /// Reads the switch in `program`, a linked file with symbols.
  init(of program: String) async throws {
    var symbols: [String: Function] = [:]
    for line in try await Self.lines("nm", ["-S", program]) {
      let words = line.split(separator: " ")
      guard let low = words.first.flatMap({ UInt64($0, radix: 16) }), let name = words.last else { continue }
      let size = words.count == 4 ? UInt64(words[1], radix: 16) ?? 0 : 0
      symbols[String(name)] = Function(name: String(name), low: low, high: low + size)
    }
    self.symbols = symbols
    let functions = try Self.switchFunctions.map { [symbols] name in
      try #require(symbols[name], "\(program) has no \(name)")
    }
    let low = try #require(functions.map(\.low).min())
    let high = try #require(functions.map(\.high).max())
    let bounds = ["--start-address=\(low)", "--stop-address=\(high)"]
    instructions = try await Self.lines("objdump", ["-d", "--no-show-raw-insn"] + bounds + [program])
      .compactMap(Self.instruction)
  }

  /// The instructions of `name`.
  func instructions(of name: String) throws -> [Instruction] {
    let function = try #require(symbols[name], "no symbol \(name)")
    return instructions.filter { function.low <= $0.address && $0.address < function.high }
  }

  /// The one instruction of resume or suspend that takes rbp from the other side: the switch. The prologue takes it from rsp, and
  /// the exit from the frame that rbp points to.
  func switchInstruction(of name: String) throws -> Instruction {
    let loads = try instructions(of: name).filter {
      $0.text.hasPrefix("mov ") && $0.text.hasSuffix(",%rbp") && !$0.text.hasSuffix("%rsp,%rbp")
        && !$0.text.hasSuffix("(%rbp),%rbp")
    }
    try #require(loads.count == 1, "\(name) has \(loads.count) loads of rbp")
    return loads[0]
  }

  private static func lines(_ executable: String, _ arguments: [String]) async throws -> [Substring] {
    let result = try await CommandQueue.run(executable, arguments)
    try #require(result.succeeded, "\(executable): \(result.report)")
    return result.output.split(separator: "\n")
  }

  /// `  d40:\tpush   %rbp`
  private static func instruction(_ line: Substring) -> Instruction? {
    let parts = line.split(separator: "\t", maxSplits: 1)
    guard parts.count == 2, parts[0].hasSuffix(":"),
      let address = UInt64(parts[0].dropLast().trimmingCharacters(in: .whitespaces), radix: 16)
    else { return nil }
    let text = parts[1].split(separator: "#")[0].split(separator: " ").joined(separator: " ")
    return Instruction(address: address, text: text)
  }
}
