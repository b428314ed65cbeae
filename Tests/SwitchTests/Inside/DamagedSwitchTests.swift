internal import Foundation
internal import TestSupport
import Testing

/// A change to the text of `fiber_x86_64.S` that breaks one thing, and the check that must notice.
struct Damage: Sendable, CustomTestStringConvertible {
  var testDescription: String
  /// Texts to find, each once after the one before, and what stands there instead.
  var replacements: [(old: String, new: String)]
  var check: Check
  /// A part of the first failure that is reported.
  var notice: String

  enum Check: Sendable {
    case walking(libunwind: Bool)
    case stepping(libunwind: Bool)
  }

  /// The damaged text.
  func apply(to assembly: String) throws -> String {
    var text = assembly
    var start = text.startIndex
    for (old, new) in replacements {
      let range = try #require(text.range(of: old, range: start..<text.endIndex), "the switch has no '\(old)'")
      let offset = text.distance(from: text.startIndex, to: range.lowerBound)
      text.replaceSubrange(range, with: new)
      start = text.index(text.startIndex, offsetBy: offset + new.count)
    }
    return text
  }

  static let all = [
    Damage(
      testDescription: "resume lacks the rule that its CFA is in rbp",
      replacements: [(".cfi_def_cfa_register %rbp", "")],
      check: .stepping(libunwind: true),
      notice: "walked:   ft_fiber_resume in_0 run_all"),
    Damage(
      testDescription: "the link is stored after the switch",
      replacements: [
        ("movq    %rbp, FT_BASE_LINK(%rdx)", "movq    %rbp, %rsi"),
        ("movq    FT_RECORD_SP(%r12), %rbp", "movq    FT_RECORD_SP(%r12), %rbp\nmovq    %rsi, FT_BASE_LINK(%rdx)"),
      ],
      check: .stepping(libunwind: false),
      notice: "walked:   ft_fiber_resume ft_fiber_start ft_fiber_not_running"),
    Damage(
      testDescription: "a jump is made with push and ret, without a row",
      replacements: [("notrack jmp *%rcx", "pushq %rcx\nret")],
      check: .stepping(libunwind: false),
      notice: "walked:   ft_fiber_resume ? ("),
    Damage(
      testDescription: "suspend ends the chain before the switch",
      replacements: [
        // As many bytes as before: FT_SUSPENDED_OFFSET stands.
        (
          "movq    %r13, %rax\n        .cfi_undefined %rax\n        movq    FT_BASE_LINK(%rdx), %rbp",
          "xchgq %rcx, FT_BASE_LINK(%rdx)\nmovq %rcx, %rbp"
        ),
        ("movq    %rcx, FT_BASE_LINK(%rdx)", "movq %r13, %rax"),
      ],
      check: .stepping(libunwind: true),
      notice: "walked:   ft_fiber_suspend in_3 body_3 ft_fiber_start ft_fiber_not_running ("),
    Damage(
      testDescription: "the return address beside the link is not kept",
      replacements: [("movq    %rcx, FT_BASE_RETURN(%rdx)", "")],
      check: .walking(libunwind: false),
      notice: "walked:   probe body_1 ft_fiber_start ft_fiber_not_running in_0"),
    Damage(
      testDescription: "the base frame is no signal frame",
      replacements: [("        .cfi_signal_frame\n", "")],
      check: .walking(libunwind: false),
      notice: "by _Unwind_Backtrace: the base frame is no signal frame"),
    Damage(
      testDescription: "the base frame's expression is a location",
      replacements: [(".cfi_escape 0x0f, 3, 0x76, 0x00, 0x06", ".cfi_escape 0x0f, 2, 0x56, 0x06")],
      check: .walking(libunwind: true),
      notice: "walked:   ft_fiber_suspend ft_fiber_start ? ?"),
    Damage(
      testDescription: "the end of the chain has a return address",
      replacements: [("        .cfi_undefined %rip", "")],
      check: .walking(libunwind: true),
      notice: "walked:   ft_fiber_suspend ft_fiber_start ft_fiber_not_running ? ?"),
  ]
}

@Suite("A damaged switch is noticed")
struct DamagedSwitchTests {
  static let assembly = ProgramBuilder.switchSources.appending(path: "fiber_x86_64.S")

  /// Shows that the checks of the other suites can fail, each for the reason it is there.
  @Test("Walks differ", arguments: Damage.all)
  func walksDiffer(_ damage: Damage) async throws {
    let damaged = try damage.apply(to: String(contentsOf: Self.assembly, encoding: .utf8))
    let builder = try ProgramBuilder()
    let result: CommandResult
    switch damage.check {
    case .walking(let libunwind):
      let variant = SwitchProgram(compiler: .clang, libunwind: libunwind, framePointers: true)
      result = try await SwitchProgram.walk(variant.build(with: builder, assembly: damaged))
    case .stepping(let libunwind):
      let variant = SwitchProgram(compiler: .clang, libunwind: libunwind, framePointers: true)
      let program = try await variant.build(with: builder, assembly: damaged)
      result = try await SwitchProgram.step(program, Disassembly(of: program))
    }
    let first = result.output.split(separator: "\n").prefix(3).joined(separator: "\n")
    #expect(first.hasPrefix("FAILURE "), "the damage was not noticed: \(result.report)")
    #expect(first.contains(damage.notice), "noticed for another reason: \(first)")
    #expect(!result.succeeded)
  }
}
