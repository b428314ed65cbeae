import Foundation
import FrameVerification
import TestSupport
import Testing

/// Functions that are right, each beside one that differs from it in a directive.
@Suite struct FlowPairTests {
  @Test(arguments: FlowPair.slots + FlowPair.rules + FlowPair.frames)
  func `a function that is right is proved, and refuted by the right rule with one directive changed`(
    _ pair: FlowPair
  ) throws {
    let right = try Checked(function: pair.body, isLinked: pair.isLinked)
    #expect(right.isProved, "\(right.verdicts.map(\.unknown)) \(right.findings.map(\.explanation))")
    #expect(pair.wrongBody != pair.body)
    let wrong = try Checked(function: pair.wrongBody, isLinked: pair.isLinked)
    #expect(wrong.rules == [pair.rule], "\(wrong.verdicts.map(\.unknown)) \(wrong.findings.map(\.explanation))")
  }
}

/// What only a function as a whole, or the file, tells.
@Suite struct FunctionFactTests {
  /// A function that gives r13 back, and one that has another value for its caller in it.
  private static func swift(_ rule: String, _ restore: String) -> String {
    """
    .section swift5_types, "a"
    .long 0
    .text
    .type f, @function
    f:
    .cfi_startproc
    push %r13
    .cfi_def_cfa_offset 16
    \(rule)
    mov %rdi, %r13
    call *%rsi
    \(restore)
    .cfi_def_cfa_offset 8
    ret
    .cfi_endproc
    .size f, . - f
    """
  }

  @Test func `a function of a Swift file that gives r13 back needs a rule for it`() throws {
    let right = try Checked(assembly: Self.swift(".cfi_offset %r13, -16", "pop %r13"))
    #expect(right.isProved, "\(right.verdicts.map(\.unknown)) \(right.findings.map(\.explanation))")
    let wrong = try Checked(assembly: Self.swift("", "pop %r13"))
    #expect(wrong.rules == ["register-not-described"], "\(wrong.findings.map(\.explanation))")
    let other = try Checked(assembly: Self.swift("", "pop %rcx"))
    #expect(other.findings.isEmpty, "\(other.findings.map(\.explanation))")
  }

  /// A function that ends without a return address, at the file's entry point or elsewhere.
  private static func start(_ entry: String) throws -> Checked {
    let directory = try TemporaryDirectory()
    let source = try directory.write(
      """
      .text
      .globl _start, other
      .type _start, @function
      _start:
      .cfi_startproc
      .cfi_undefined %rip
      xor %ebp, %ebp
      pop %rsi
      mov %rsp, %rdx
      and $-16, %rsp
      push %rax
      call other
      hlt
      .cfi_endproc
      .size _start, . - _start
      .type other, @function
      other:
      .cfi_startproc
      ret
      .cfi_endproc
      .size other, . - other
      .section .note.GNU-stack,"",@progbits

      """, to: "start.s")
    let program = directory.file("start")
    let result = try run("/usr/bin/gcc", ["-nostdlib", "-static", "-Wl,-e,\(entry)", source, "-o", program])
    #expect(result.succeeded, "\(result.report)")
    return try Checked([UInt8](try Data(contentsOf: URL(filePath: program))), name: program)
  }

  @Test func `the frame of the entry point is the outermost one, and proved`() throws {
    let checked = try Self.start("_start")
    #expect(checked.isProved, "\(checked.verdicts.map(\.unknown)) \(checked.findings.map(\.explanation))")
  }

  @Test func `a frame that never returns is not proved to be the outermost one`() throws {
    let checked = try Self.start("other")
    #expect(checked.proved == 1)
    #expect(checked.refuted == 0)
  }

  @Test func `a landing pad in another part has the frame of the calls that lead there`() throws {
    for rule in [".cfi_offset %rbx, -16", ""] {
      let checked = try Checked(
        linking: """
          .text
          .type f, @function
          f:
          .cfi_startproc
          .cfi_personality 0x9b, DW.ref.__gxx_personality_v0
          .cfi_lsda 0x1b, 8f
          push %rbx
          .cfi_def_cfa_offset 16
          .cfi_offset %rbx, -16
          mov %rdi, %rbx
          1: call *%rdi
          2: pop %rbx
          .cfi_def_cfa_offset 8
          ret
          .cfi_endproc
          .size f, . - f
          .p2align 4
          .type f.cold, @function
          f.cold:
          .cfi_startproc
          .cfi_personality 0x9b, DW.ref.__gxx_personality_v0
          .cfi_lsda 0x1b, 7f
          .cfi_def_cfa_offset 16
          \(rule)
          nop                # an offset of 0 would mean that there is no landing pad
          3: mov %rax, %rdi
          ud2
          .cfi_endproc
          .size f.cold, . - f.cold
          .section .gcc_except_table, "a"
          8: .byte 0x1b
          .long f.cold - .
          .byte 0xff, 0x1, 4
          .uleb128 1b - f, 2b - 1b, 3b - f.cold, 0
          7: .byte 0xff, 0xff, 0x1, 0
          .section .data.rel.local.DW.ref.__gxx_personality_v0, "awG", @progbits, DW.ref.__gxx_personality_v0, comdat
          .hidden DW.ref.__gxx_personality_v0
          .weak DW.ref.__gxx_personality_v0
          .type DW.ref.__gxx_personality_v0, @object
          DW.ref.__gxx_personality_v0: .quad __gxx_personality_v0
          """)
      #expect(checked.rules == (rule.isEmpty ? ["part-row-wrong"] : []), "\(checked.findings.map(\.explanation))")
    }
  }
}
