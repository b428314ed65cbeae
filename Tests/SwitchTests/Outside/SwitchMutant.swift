internal import Foundation

/// A copy of the switch with one thing wrong, to show that the tests notice.
///
/// Each still switches correctly; only what unwinders see is wrong.
enum SwitchMutant: String, CaseIterable, Sendable {
  /// The row at the jump out of resume is missing.
  case withoutRowAtJump
  /// The row at the return from suspend is missing.
  case withoutRowAtReturn
  /// The first row of suspend is that of a function that was called.
  case withoutRowAtEntry
  /// The row at the address that resume stores as its return address is missing.
  case withoutRowAtBack
  /// resume does not store the return address in the red zone, where the base frame's rule finds it.
  case withoutReturnAddress
  /// resume switches before it has linked the fiber to the resumer.
  case linksAfterSwitch
  /// suspend unlinks the fiber before it switches.
  case unlinksBeforeSwitch
  /// The base frame is an ordinary one.
  case withoutSignalFrame
  /// The frame that ends the chain of a fiber that does not run has a caller.
  case withoutEnd
  /// No row of resume, suspend and the base frame declares a register undefined from the switch on.
  case withoutUndefinedRegisters
  /// No row of resume declares the first register undefined that it overwrites.
  case withoutUndefinedScratch
  /// No row of the plain C entry points declares the register undefined that they overwrite before the switch.
  case withoutUndefinedBeforeSwitch
  /// No row of the plain C entry points declares a register undefined where control comes back.
  case withoutUndefinedAfterSwitch

  struct MutationError: Error, CustomStringConvertible {
    var description: String
  }

  /// The text replaced and what replaces it; white space counts as one blank, comments as none.
  private var replacement: (of: String, by: String) {
    switch self {
    case .withoutRowAtJump:
      (".cfi_def_cfa %rsp, 0 .cfi_restore %rbp notrack jmp *%rcx", "notrack jmp *%rcx")
    case .withoutRowAtReturn:
      (".cfi_def_cfa %rsp, 8 .cfi_restore %rbp repz ret", "repz ret")
    case .withoutRowAtEntry:
      (".cfi_def_cfa_offset 0 .cfi_undefined %rcx movq %rbp, -16(%rsp)", ".cfi_undefined %rcx ; movq %rbp, -16(%rsp)")
    case .withoutRowAtBack:
      (".cfi_def_cfa %rbp, 16 .cfi_offset %rbp, -16 nop .Lback:", "nop ; .Lback:")
    case .withoutReturnAddress:
      ("movq %rcx, -8(%rbp)", "")
    case .linksAfterSwitch:
      (
        "movq %rbp, FT_BASE_LINK(%rdx) movq FT_RECORD_SP(%r12), %rbp",
        "movq %rbp, %rsi ; movq FT_RECORD_SP(%r12), %rbp ; movq %rsi, FT_BASE_LINK(%rdx)"
      )
    case .unlinksBeforeSwitch:
      // As many bytes as before: FT_SUSPENDED_OFFSET stands.
      (
        "movq %r13, %rax .cfi_undefined %rax movq FT_BASE_LINK(%rdx), %rbp registers_undefined "
          + ".Lsuspended_by_\\entered: movq %rcx, FT_BASE_LINK(%rdx)",
        "xchgq %rcx, FT_BASE_LINK(%rdx) ; movq %rcx, %rbp ; registers_undefined ; .Lsuspended_by_\\entered: ; "
          + "movq %r13, %rax"
      )
    case .withoutSignalFrame:
      (".cfi_signal_frame", "")
    case .withoutEnd:
      (".cfi_undefined %rip", "")
    case .withoutUndefinedRegisters:
      (".cfi_undefined \\register", "")
    case .withoutUndefinedScratch:
      ("leaq .Lback(%rip), %rcx .cfi_undefined %rcx", "leaq .Lback(%rip), %rcx")
    case .withoutUndefinedBeforeSwitch:
      (".cfi_undefined %rcx pushq %rcx", "pushq %rcx")
    case .withoutUndefinedAfterSwitch:
      (".cfi_undefined %\\register", "")
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
