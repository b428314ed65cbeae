internal import Foundation
internal import TestSupport
internal import Testing

/// A build of `inside_switch.c`: which compiler, which walkers, with frame pointers or without.
struct SwitchProgram: Sendable, CustomTestStringConvertible {
  var compiler: ProgramBuilder.Compiler
  /// libunwind's walkers, or libgcc's. Not both in one program: both libraries export `_Unwind_Backtrace`.
  var libunwind: Bool
  /// The frame-pointer walk is checked as well.
  var framePointers: Bool

  static let all = [
    SwitchProgram(compiler: .clang, libunwind: true, framePointers: true),
    SwitchProgram(compiler: .clang, libunwind: false, framePointers: true),
    SwitchProgram(compiler: .clang, libunwind: true, framePointers: false),
    SwitchProgram(compiler: .clang, libunwind: false, framePointers: false),
    SwitchProgram(compiler: .gcc, libunwind: true, framePointers: true),
    SwitchProgram(compiler: .gcc, libunwind: false, framePointers: true),
  ]

  var testDescription: String {
    "\(compiler), \(libunwind ? "libunwind" : "libgcc"), \(framePointers ? "with" : "without") frame pointers"
  }

  /// The walkers whose checks the program counts.
  var walkers: [String] {
    (libunwind ? ["unw_step(context)", "unw_step", "unw_backtrace"] : ["_Unwind_Backtrace"])
      + (framePointers ? ["frame pointers"] : [])
  }

  /// Builds it with `builder`, with `assembly` in place of the switch if given. Answers the program's path.
  func build(with builder: ProgramBuilder, assembly: String? = nil) async throws -> String {
    var flags = framePointers ? ["-fno-omit-frame-pointer", "-DFRAME_POINTER_BUILD"] : ["-fomit-frame-pointer"]
    if libunwind { flags += ["-DLIBUNWIND", "-lunwind"] }
    return try await builder.build(
      ["inside_switch.c"], named: "inside_switch", with: compiler, flags: flags, assembly: assembly)
  }

  /// Walks at calls in running fibers, and walks fibers that do not run.
  static func walk(_ program: String) async throws -> CommandResult {
    try await CommandQueue.run(program, ["walk"], seconds: 30)
  }

  /// Steps through the switch of `program`, whose disassembly is given.
  static func step(_ program: String, _ disassembly: Disassembly) async throws -> CommandResult {
    let functions = Disassembly.switchFunctions.compactMap { disassembly.symbols[$0] }
    let addresses = [
      try disassembly.switchInstruction(of: "ft_fiber_resume").address,
      try disassembly.switchInstruction(of: "ft_fiber_suspend").address,
      try disassembly.switchInstruction(of: "ft_fiber_suspend_called").address,
      try #require(functions.map(\.low).min()),
      try #require(functions.map(\.high).max()),
    ]
    return try await CommandQueue.run(program, ["step"] + addresses.map { String($0, radix: 16) }, seconds: 60)
  }

  /// The numbers of the lines `checks NUMBER by WALKER`.
  static func checks(in output: String) -> [String: Int] {
    var checks: [String: Int] = [:]
    for line in output.split(separator: "\n") where line.hasPrefix("checks ") {
      let words = line.split(separator: " ", maxSplits: 3)
      checks[String(words[3])] = Int(words[1])
    }
    return checks
  }

  /// The number of the line `name NUMBER`.
  static func number(_ name: String, in output: String) -> Int? {
    output.split(separator: "\n").last { $0.hasPrefix("\(name) ") }.flatMap { Int($0.dropFirst(name.count + 1)) }
  }
}
