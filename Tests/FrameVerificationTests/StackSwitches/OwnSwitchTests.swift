import FrameVerification
import TestSupport
import Testing

/// The switch of this package: every row of it is proved, and none that is damaged.
@Suite struct OwnSwitchTests {
  @Test func `every instruction of the switch is proved`() throws {
    let checked = try #require(try SwitchSource().checked())
    #expect(checked.isProved, "\(checked.report)")
    #expect(checked.verdicts.count == 10)
    // Landings of walks are counted as well: nop and ud2 at *back*, the nop before the base function and the ud2 at its end.
    #expect(checked.instructions == 134)
    #expect(checked.verdicts.allSatisfy { $0.unresolvedJumps == 0 })
  }

  @Test func `for sanitizers, all is proved but the suspend that nothing jumps to there`() throws {
    let checked = try #require(try SwitchSource().checked(["-DFT_SANITIZED"]))
    #expect(checked.findings.isEmpty, "\(checked.report)")
    let open = checked.verdicts.filter { !$0.unknown.isEmpty }
    #expect(open.count == 1, "\(checked.report)")
    #expect(open.first?.unknown == [.otherEntry: 14])
  }

  /// Directives that say nothing new of any value: without them each row recovers the same.
  ///
  /// `undefined` of a register that calls clobber: rows without a rule for it claim nothing. `restore` behind a pop: the word is
  /// still there, in the red zone. The personality and the augmentation S are no rows.
  private static let idle: Set<String> = [
    ".cfi_undefined %rax", ".cfi_undefined %rcx", ".cfi_undefined %rdx", ".cfi_undefined %rsi",
    ".cfi_undefined %\\register", ".cfi_restore %rbp", ".cfi_restore \\register", ".cfi_signal_frame",
    ".cfi_personality 0x1b, ft_fiber_personality",
  ]

  @Test func `without any one directive the switch is not proved, unless its rows recover the same`() throws {
    let source = try SwitchSource()
    var judged = 0
    for index in source.directives {
      let directive = source.directive(index)
      // Without these it is not assembled, or a function has no FDE.
      if directive.hasPrefix(".cfi_startproc") || directive == ".cfi_endproc" { continue }
      let checked = try #require(try source.dropping(index).checked(), "\(directive)")
      judged += 1
      #expect(
        checked.isProved == Self.idle.contains(directive), "line \(index + 1), \(directive): \(checked.report)")
    }
    #expect(judged > 35)
  }

  @Test(arguments: ["rbx", "r12", "r13", "r14", "r15"])
  func `a callee-saved register that the switch is not said to lose is not proved`(_ register: String) throws {
    let list = ".irp    register, rax, rdx, rcx, rbx, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15"
    let rest = list.replacing(", \(register)", with: "")
    let checked = try #require(try SwitchSource().replacing(list, with: rest).checked())
    #expect(!checked.isProved)
  }

  /// One defect each: what stands there, what is put in its place, and the rule that fires.
  private static let defects: [(text: String, replacement: String, rule: String)] = [
    // Rows behind the switch that are one word off.
    ("rbp + 16 is now the CFA of the fiber's suspend */", "*/\n .cfi_def_cfa_offset 24", "cfa-wrong"),
    ("rbp + 16 is the CFA of the resumer's resume */", "*/\n .cfi_offset %rbp, -24", "register-slot-wrong"),
    // The stack that is laid out returns to the wrong word.
    ("movq    %rax, FT_BASE_FIRST_PC(%rcx)", "movq %rax, FT_BASE_FIRST_PC - 16(%rcx)", "return-address-wrong"),
    // The stack that is laid out is handed over at the wrong word.
    ("leaq    FT_BASE_FIRST_FRAME(%rcx), %rax", "leaq FT_BASE_FIRST_FRAME + 8(%rcx), %rax", "return-address-wrong"),
  ]

  @Test(arguments: defects.indices)
  func `a switch with one defect is refuted`(_ index: Int) throws {
    let defect = Self.defects[index]
    let checked = try #require(
      try SwitchSource().replacing(defect.text, with: defect.replacement).checked(), "\(defect.replacement)")
    #expect(!checked.isProved)
    #expect(checked.refuted > 0, "\(checked.report)")
    #expect(checked.rules.contains(defect.rule), "\(checked.report)")
  }

  /// Defects that leave something undecided: what is wrong may be right in code that was not seen.
  private static let gaps: [(text: String, replacement: String)] = [
    // Some link fits, another does not: which of them the base means is not certain.
    // The base frame: CFA = *(rbp) + 8.
    ("0x0f, 3, 0x76, 0x00, 0x06 ", "0x0f, 5, 0x76, 0x00, 0x06, 0x23, 0x08 "),
    // A link without *back*.
    ("movq    %rcx, -8(%rbp) ", "nop "),
    // The link leads to another word of the resumer's stack.
    ("movq    %rbp, FT_BASE_LINK(%rdx)", "leaq 8(%rbp), %rcx\n movq %rcx, (%rdx)"),
    // The base frame: the return address, and rbp, in other words than they are in.
    ("        .cfi_offset %rip, -8", " .cfi_offset %rip, -16"),
    ("0x10, 0x06, 2, 0x76, 0x00 ", "0x10, 0x06, 2, 0x76, 0x08 "),
    // The row at *back* is that of another frame.
    (".cfi_def_cfa %rbp, 16                   /* the resumer", ".cfi_def_cfa %rbp, 24 /*"),
    // The base frame goes by another word, which is no link.
    ("0x0f, 3, 0x76, 0x00, 0x06 ", "0x0f, 3, 0x76, 0x08, 0x06 "),
    // Nobody links the fiber to its resumer.
    ("movq    %rbp, FT_BASE_LINK(%rdx)", "nop"),
    // The chain does not end: the last frame has a caller, or the end record leads nowhere.
    (".cfi_undefined %rip ", "nop "),
    (".quad   ft_fiber_not_running + 1", ".quad 0"),
  ]

  @Test(arguments: gaps.indices)
  func `a switch whose chain is not whole is not proved`(_ index: Int) throws {
    let gap = Self.gaps[index]
    let checked = try #require(
      try SwitchSource().replacing(gap.text, with: gap.replacement).checked(), "\(gap.replacement)")
    #expect(!checked.isProved)
    #expect(checked.proved < checked.instructions)
  }
}
