internal import Foundation

/// A copy of the switch with one thing wrong, to show that the tests notice.
///
/// Each still switches correctly; only what unwinders see is wrong.
enum SwitchMutant: String, CaseIterable, Sendable {
  /// The row after the last `pop` of a resume is missing.
  case withoutRowAfterPop
  /// resume switches before it has linked the fiber to the resumer.
  case linksAfterSwitch
  /// suspend unlinks the fiber before it switches.
  case unlinksBeforeSwitch
  /// The base frame is an ordinary one.
  case withoutSignalFrame
  /// The frame that ends the chain of a fiber that does not run has a caller.
  case withoutEnd
  /// No row declares a register undefined at or after the switch.
  case withoutUndefinedRegisters

  struct MutationError: Error, CustomStringConvertible {
    var description: String
  }

  /// The text replaced and what replaces it; white space counts as one blank, comments as none.
  private var replacement: (of: String, by: String) {
    switch self {
    case .withoutRowAfterPop:
      (
        "popq %rcx .cfi_def_cfa_offset 0 notrack jmp *%rcx mark ft_fiber_resume_high",
        "popq %rcx ; notrack jmp *%rcx ; mark ft_fiber_resume_high"
      )
    case .linksAfterSwitch:
      (
        "movq %rbp, FT_BASE_LINK(%rdx) movq FT_RECORD_SP(%r12), %rbp",
        "movq %rbp, %rsi ; movq FT_RECORD_SP(%r12), %rbp ; movq %rsi, FT_BASE_LINK(%rdx)"
      )
    case .unlinksBeforeSwitch:
      (
        "movq FT_BASE_LINK(%rdx), %rbp registers_undefined mark ft_fiber_suspended movq %rcx, FT_BASE_LINK(%rdx)",
        "movq FT_BASE_LINK(%rdx), %rdi ; movq %rcx, FT_BASE_LINK(%rdx) ; movq %rdi, %rbp ; registers_undefined ; "
          + "mark ft_fiber_suspended"
      )
    case .withoutSignalFrame:
      (".cfi_signal_frame", "")
    case .withoutEnd:
      (".cfi_undefined %rip", "")
    case .withoutUndefinedRegisters:
      (".cfi_undefined \\register", "")
    }
  }

  /// The text of the mutated switch.
  func assembly() throws -> String {
    let source = ProgramBuilder.switchSources.appending(path: "fiber_x86_64.S")
    var text = String(decoding: try Data(contentsOf: source), as: UTF8.self)
    // Comments of the code sections stand behind instructions; the prose at the head is never matched.
    let gap = #"(?:\s|/\*(?:[^*]|\*(?!/))*\*/)+"#
    let pattern = replacement.of.split(separator: " ")
      .map { NSRegularExpression.escapedPattern(for: String($0)) }.joined(separator: gap)
    let expression = try NSRegularExpression(pattern: #"(?m)^\s*"# + pattern + #"(?=\s)"#)
    let matches = expression.matches(in: text, range: NSRange(text.startIndex..., in: text))
    guard matches.count == 1, let range = Range(matches[0].range, in: text) else {
      throw MutationError(description: "\(rawValue): \(matches.count) places in \(source.path) to mutate, not one")
    }
    let lines = replacement.by.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
    text.replaceSubrange(range, with: "\n" + lines.joined(separator: "\n"))
    return text
  }
}
