import FrameVerification
import TestSupport
import Testing

/// What is right, and is not to be refuted.
@Suite struct EdgeProofTests {
  @Test(arguments: ["-O0", "-O1", "-O2", "-Os", "-O2 -fno-omit-frame-pointer", "-O3 -mavx2"])
  func `what a compiler makes of loops, calls and arrays of variable size is proved`(_ options: String) throws {
    let directory = try TemporaryDirectory()
    let source = try directory.write(
      """
      extern int g(int, void *);
      extern long h(long *, long);
      extern void fail(void) __attribute__((noreturn));
      long work(long a, long b, long c, long d) {
        long s[8], t = 0;
        for (long i = 0; i < a; i++) { s[i & 7] = g(i, s) + b * c; t += h(s, d + i); if (t == 77) return b; }
        return t + c + d + a + s[3];
      }
      long variable(long n) { long x[n]; h(x, n); return x[n - 1] + n; }
      long tail(long a, long b) { if (a > 3) return h(&b, a); return work(a + g(1, &b), b, a, b); }
      long ending(long a) { if (a < 3) { g(a, &a); fail(); } return g(a, &a) + a; }
      struct __attribute__((aligned(64))) wide { long x[8]; };
      extern long w(struct wide *);
      long aligned(long a) { struct wide v; v.x[0] = a; return w(&v) + v.x[1]; }
      """, to: "fixture.c")
    let checked = try Checked(
      assembling: source, in: directory, options.split(separator: " ").map(String.init))
    #expect(checked.isProved, "\(checked.verdicts.map(\.unknown)) \(checked.findings.map(\.explanation))")
  }

  @Test func `rules that stay in force behind pops, or come late, are right as long as the values are`() throws {
    let checked = try Checked(
      function: """
        push %rbx
        .cfi_def_cfa_offset 16
        push %rbp
        .cfi_def_cfa_offset 24
        .cfi_offset %rbx, -16
        nop
        .cfi_offset %rbp, -24
        mov %rdi, %rbp
        mov %rsi, %rbx
        pop %rbp
        .cfi_def_cfa_offset 16
        pop %rbx
        .cfi_def_cfa_offset 8
        ret
        """)
    #expect(checked.isProved, "\(checked.verdicts.map(\.unknown)) \(checked.findings.map(\.explanation))")
  }

  @Test func `code behind a function that never returns is not reached from it`() throws {
    let checked = try Checked(
      assembly: """
        .text
        .type stop, @function
        stop:
        .cfi_startproc
        ud2
        .cfi_endproc
        .size stop, . - stop
        .p2align 6
        .type f, @function
        f:
        .cfi_startproc
        test %edi, %edi
        jne 1f
        sub $24, %rsp
        .cfi_def_cfa_offset 32
        call stop
        1:
        .cfi_def_cfa_offset 8
        ret
        .cfi_endproc
        .size f, . - f
        """)
    #expect(checked.findings.isEmpty, "\(checked.findings.map(\.explanation))")
    #expect(checked.refuted == 0)
  }

  @Test func `code behind a function that never returns is not surely where an indirect jump leads`() throws {
    let checked = try Checked(
      assembly: """
        .text
        .type abort, @function
        abort:
        .cfi_startproc
        ud2
        .cfi_endproc
        .size abort, . - abort
        .p2align 6
        .type f, @function
        f:
        .cfi_startproc
        push %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset %rbp, -16
        mov %rsp, %rbp
        .cfi_def_cfa_register %rbp
        sub $32, %rsp
        jmp *%rsi
        push $1
        push $2
        call abort
        add $48, %rsp       # the two words that were pushed, too
        pop %rbp
        .cfi_def_cfa %rsp, 8
        ret
        .cfi_endproc
        .size f, . - f
        """)
    #expect(checked.findings.isEmpty, "\(checked.findings.map(\.explanation))")
    #expect(checked.refuted == 0)
  }

  @Test func `a callee of Swift may pop its arguments, whose room the caller takes back`() throws {
    let checked = try Checked(
      assembly: """
        .section swift5_types, "a"
        .long 0
        .text
        .type f, @function
        f:
        .cfi_startproc
        push %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset %rbp, -16
        mov %rsp, %rbp
        .cfi_def_cfa_register %rbp
        sub $16, %rsp
        call *%rdi
        sub $8, %rsp
        add $16, %rsp
        pop %rbp
        .cfi_def_cfa %rsp, 8
        ret
        .cfi_endproc
        .size f, . - f
        """)
    #expect(checked.findings.isEmpty, "\(checked.findings.map(\.explanation))")
    #expect(checked.refuted == 0)
  }

  @Test func `a push of an address and a jump are a call`() throws {
    let checked = try Checked(
      assembly: """
        .text
        .type g, @function
        g:
        .cfi_startproc
        ret
        .cfi_endproc
        .size g, . - g
        .p2align 6
        .type f, @function
        f:
        .cfi_startproc
        lea 1f(%rip), %rcx
        push %rcx
        .cfi_adjust_cfa_offset 8
        jmp g
        .cfi_adjust_cfa_offset -8
        1:
        ret
        .cfi_endproc
        .size f, . - f
        """)
    #expect(checked.findings.isEmpty, "\(checked.findings.map(\.explanation))")
  }

  @Test func `a location in the place of the CFA proves nothing`() throws {
    let checked = try Checked(function: ".cfi_escape 0x0f, 1, 0x57\nnop\nret")
    #expect(checked.proved == 0)
  }
}
