import FrameVerification
import TestSupport
import Testing

/// Frames that a function puts where its caller gave it room.
@Suite struct MovedFrameTests {
  /// As `ffi_call_unix64` of libffi 3.4 does.
  private static func code(_ directives: String) -> String {
    """
    mov (%rsp), %r10
    lea (%rdi,%rsi), %rax
    mov %rbp, 16(%rax)
    mov %r10, 24(%rax)
    mov %rax, %rbp
    \(directives)
    mov %rdi, %rsp
    test %ecx, %ecx
    jne 1f
    nop
    1: call *%r8
    lea 24(%rbp), %rsp
    mov 16(%rbp), %rbp
    .cfi_def_cfa %rsp, 8
    .cfi_restore %rbp
    ret
    """
  }

  @Test func `a frame that was moved with what it saves is not refuted, nor proved`() throws {
    let checked = try Checked(function: Self.code(".cfi_def_cfa %rbp, 32\n.cfi_offset %rbp, -16"))
    #expect(checked.findings.isEmpty, "\(checked.findings.map(\.explanation))")
    #expect(checked.proved == 5)
  }

  @Test func `a register that is not saved is refuted in a frame that was moved`() throws {
    let checked = try Checked(function: Self.code(".cfi_def_cfa %rbp, 32"))
    #expect(checked.rules == ["register-not-described"])
  }
}
