internal import Foundation
internal import TestSupport

/// The instructions of the switch in one program, from `objdump`.
struct SwitchListing {
  struct Instruction: Equatable {
    /// Bytes from the start of the function. -1 for the pad before `ft_fiber_start`.
    var offset: Int
    var text: String
  }

  struct ListingError: Error, CustomStringConvertible {
    var description: String
  }

  /// Functions in which a fiber switch happens, or that prepare one.
  static let functions = [
    "ft_fiber_init", "ft_fiber_resume", "ft_fiber_suspend", "ft_fiber_suspend_called", "ft_fiber_start",
    "ft_fiber_not_running", "ft_shadow_stack_enabled", "ft_fiber_resume_c", "ft_fiber_suspend_c", "ft_suspend_calls",
  ]

  /// Instructions that no run reaches: the function, its instruction, and why.
  static let neverExecuted: [(function: String, text: String, reason: String)] = [
    ("ft_fiber_resume", "nop", "pad before the label back"),
    ("ft_fiber_resume", "ud2", "the label back, found only as a return address"),
    ("ft_fiber_start", "nop", "pad before the first instruction"),
    ("ft_fiber_start", "ud2", "behind the last suspend of a finished fiber"),
    ("ft_fiber_not_running", "nop", "found only as a return address"),
    ("ft_fiber_not_running", "ud2", "found only as a return address"),
    ("ft_suspend_calls", "ud2", "what ft_suspend seems to call"),
  ]

  /// Boundaries of ft_suspend in its callers: before each instruction, and where a resume leads to.
  static let inlined = [0, 7, 12, 17]

  /// Instructions of each function in the order of their addresses.
  private(set) var instructions: [String: [Instruction]] = [:]

  /// Lists the functions of `program`.
  init(program: String) async throws {
    let symbols = try await CommandQueue.run("nm", ["--print-size", "--defined-only", program])
    let code = try await CommandQueue.run(
      "objdump", ["--disassemble", "--no-show-raw-insn", "--section=.text", program])
    guard symbols.succeeded, code.succeeded else {
      throw ListingError(description: "cannot list \(program): \(symbols.report)\(code.report)")
    }
    // objdump starts a new heading at each label; addresses and sizes say what belongs to a function.
    var sizes: [String: Range<Int>] = [:]
    for line in symbols.output.split(separator: "\n") {
      let fields = line.split(separator: " ")
      if fields.count == 4, let low = Int(fields[0], radix: 16), let size = Int(fields[1], radix: 16) {
        sizes[String(fields[3])] = low..<low + size
      }
    }
    let lines: [(address: Int, text: String)] = code.output.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: "\t", maxSplits: 1)
      guard fields.count == 2, let colon = fields[0].firstIndex(of: ":"),
        let address = Int(fields[0][..<colon].trimmingCharacters(in: .whitespaces), radix: 16)
      else { return nil }
      return (address, fields[1].trimmingCharacters(in: .whitespaces))
    }
    for function in Self.functions {
      guard let range = sizes[function] else {
        throw ListingError(description: "\(program) has no sized symbol \(function)")
      }
      // The pad of the base function lies inside its FDE, before its symbol.
      let low = range.lowerBound - (function == "ft_fiber_start" ? 1 : 0)
      instructions[function] = lines.filter { (low..<range.upperBound).contains($0.address) }
        .map { Instruction(offset: $0.address - range.lowerBound, text: $0.text) }
    }
  }

  /// Names of all boundaries of `functions`, as `function+offset`, without those that are never executed.
  func boundaries(of functions: [String]) -> Set<String> {
    var names: Set<String> = []
    for function in functions {
      for instruction in instructions[function] ?? []
      where !Self.neverExecuted.contains(where: { $0.function == function && $0.text == instruction.text }) {
        names.insert("\(function)+\(instruction.offset)")
      }
    }
    return names
  }

  /// Offset of the one instruction of `function` that `matches`.
  ///
  /// Throws if there is none or more than one.
  func offset(in function: String, of what: String, matches: (String) -> Bool) throws -> Int {
    let found = (instructions[function] ?? []).filter { matches($0.text) }
    guard found.count == 1 else {
      throw ListingError(description: "\(function) has \(found.count) instructions that could be \(what), not one")
    }
    return found[0].offset
  }
}
