import FrameVerification
import TestSupport
import Testing

/// Stores through pointers into the frame.
@Suite struct ReloadedPointerTests {
  private static let prologue = """
    push %rbx
    .cfi_adjust_cfa_offset 8
    .cfi_offset %rbx, -16
    sub $32, %rsp
    .cfi_adjust_cfa_offset 32
    xor %ebx, %ebx

    """
  private static let epilogue = """

    add $32, %rsp
    .cfi_adjust_cfa_offset -32
    pop %rbx
    .cfi_adjust_cfa_offset -8
    .cfi_restore %rbx
    ret
    """

  @Test func `a pointer that a called function may have changed overwrites nothing saved`() throws {
    let checked = try Checked(
      function: Self.prologue + """
        lea (%rsp), %rax
        mov %rax, 24(%rsp)
        lea 24(%rsp), %rdi
        call grow
        mov 24(%rsp), %rax
        movq $1, 32(%rax)
        """ + Self.epilogue)
    #expect(checked.findings.isEmpty, "\(checked.findings.map(\.explanation))")
    #expect(checked.isProved)
  }

  @Test(arguments: ["lea (%rsp), %rax\nmovq $1, 32(%rax)", "movq $1, 32(%rsp)"])
  func `a pointer that only the function knows overwrites what it leads to`(_ store: String) throws {
    let checked = try Checked(function: Self.prologue + store + Self.epilogue)
    #expect(checked.rules == ["register-slot-wrong"])
  }
}
