/* The fiber switch for x86-64 System V.

   THE OPERATIONS

   A fiber is a stack and a record. Whoever calls `ft_fiber_resume` is its resumer until the fiber comes to
   `ft_fiber_suspend`: control returns to the resumer, and the next resume may come from anywhere. Fibers nest: a fiber
   may be the resumer of another. At every instruction, in running code and in these functions, unwinders walk
   from the fiber's stack to the resumer's as if `resume` had called the fiber's body.

   Three ideas carry that.

   1. rbp is the switch register. `resume` and `suspend` are frame-pointer functions, with CFA = rbp + 16. Each
      switches with one instruction, a load of rbp from the other side, and its exit takes rsp from rbp. The frame's
      rule and the frame-pointer chain move in that same instruction, and the text of the row does not change.
   2. The base frame reads as the frame of a function that realigned its stack, which libunwind's fast path knows:
      CFA = *(rbp). One word, the link, is at once the saved frame pointer and the CFA.
   3. Nothing is ever half linked, and nothing ends in zero. While a fiber does not run, its link leads to a constant
      end record, and through it to a frame named ft_fiber_not_running, whose return address is undefined.

   THE STACK LAYOUT (offsets in CFiberAsm.h, base by ft_stack_base; addresses fall down the page)

   A. Not started (ft_fiber_init)              B. Running
                                                  resumer's stack:
                                                    .. caller of resume ..
        high end of memory       base + 0x28        return address             R + 8
        argument                 base + 0x20        caller's rbp            <- R  (rbp and rsp in resume)
        0 (FT_BASE_CANCELS)      base + 0x18        back                       R - 8  (red zone)
        0                        base + 0x10
        ft_fiber_not_running + 1 base + 8         fiber's stack:
   ,->  end record          link base               back                       base + 8
   |    record                   base - 8           R                     link base  (rbp in start)
   |    entry                    base - 0x10        record                     base - 8
   |    ft_fiber_start           base - 0x18        entry                      base - 0x10
   '--- base       saved sp ->   base - 0x20        return address into start
                                                    .. frames of the body ..

   C. Suspended                                D. Resuming another: as B, and below the frames of its body
        ft_fiber_not_running + 1 base + 8         lie the three words of "resumer's stack" above.
        end record          link base
        record                   base - 8      E. Finished: as C, suspended for ever in ft_fiber_start.
        entry                    base - 0x10
        .. frames of the body ..                  The end record:
        return address into the caller              ft_fiber_not_running + 1   end - 8
        caller's rbp             <- saved sp        0                          end      (next frame pointer)
                                                    0                          end + 8  (return address)

   Two readings of the base agree in every state. By CFI: CFA = *(base), and the return address is *(CFA - 8): *back*,
   stored by resume, or ft_fiber_not_running + 1. By frame pointer: the next record is *(base), the return address
   *(base + 8), which the switch keeps equal to the former.

   *back* is never executed: `suspend` takes R from the link and leaves resume's frame itself. [R - 8] lies in the red
   zone while `resume` runs, and nothing runs on the resumer's stack while the fiber does. So it is with the two words of
   `suspend` in C: they lie below the caller's rsp, and nothing runs on the stack of a fiber that is suspended.

   To unwind a fiber that does not run: pc = ft_fiber_suspend + FT_SUSPENDED_OFFSET, which is the instruction after the
   switch, rbp = rsp = saved sp. It serves fibers that have not started as well: their first frame pops the base into
   rbp and returns to ft_fiber_start.

   REGISTERS

   `resume` and `suspend` have the calling convention preserve_none: the record arrives in r12, the value in r13, the
   value of the other side leaves in rax, and only rsp and rbp are preserved. The compiler saves what is live at the
   call, nothing else. The rows declare each register undefined from the instruction on that overwrites it, and from the
   switch on every one but these two, so that a debugger says "optimized out" where it would show a wrong value. (gdb
   takes a register without a rule for preserved, and looks up a caller's variables at "pc - 1", where clang still has
   them in registers that the call clobbers.) Where control comes back to a plain C entry point, the registers that a C
   call may clobber hold values of the other side: its rows declare them undefined from there on.

   MXCSR and the x87 control word are not switched: that would cost 14 ns. A fiber that changes a rounding mode restores
   it before it suspends, or is resumed by ft_resume_with_float_control.

   CALLS, JUMPS AND RETURNS

   A processor predicts where a `ret` goes from the calls before it. A round trip has one call and one `ret`, which belong
   together: `resume` is called, and leaves into the fiber by `jmp *%rcx`; `suspend` is entered by a jump, and returns for
   `resume`. So the predictor is as deep after the round trip as before, and what the resumer returns to is predicted too.

   The jump to `suspend` stands in the inline assembly of ft_suspend, which writes the return address to [rsp - 8], in its
   own red zone, and leaves rsp alone: the caller's rows stay true at each of its instructions. So the first row of
   `suspend` is CFA = rsp, with the return address at CFA - 8 below it, and its frame, too, is built below rsp. Signal
   handlers keep off the 128 bytes below rsp until the switch, and after it rsp is not this stack's.

   ft_fiber_suspend_called is for code that cannot have the assembly: ft_fiber_suspend_c, and sanitizers.c. Where the fiber
   has called, the predictor has one call more, and a `ret` for `resume` would miss each time (6 ns and more). Therefore it
   leaves by `jmp *%rcx`, as ft_fiber_resume_c and ft_fiber_suspend_c do, which serve with either.

   No shadow stack can follow a `ret` on another stack than its call's, nor a return by a jump: the property note below
   claims indirect branch tracking (IBT) alone, and ft_shadow_stack_enabled tells who must not switch. The jumps through
   rcx go to return addresses, where no endbr64 is: they are `notrack`. ft_fiber_suspend is entered by direct jumps only
   and needs none. No `.cfi_register rip, rcx` stands at the jumps: the return address is still at CFA - 8, in the red
   zone, and libunwind's fast path knows no register rule for rip. */

#include "CFiberAsm.h"

#ifdef FT_SANITIZED                             /* sanitizers.c has the functions of these names, around those here */
#define ft_fiber_resume ft_fiber_resume_bare
#define ft_fiber_suspend ft_fiber_suspend_bare
#define ft_fiber_suspend_called ft_fiber_suspend_called_bare
#define ft_fiber_init ft_fiber_init_bare
#endif

        /* Registers of the switch: nothing but rsp and rbp survives it. */
        .macro  registers_undefined
        .irp    register, rax, rdx, rcx, rbx, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
        .cfi_undefined \register
        .endr
        .endm

        /* Out of the frame that rbp points to: `leave` and `ret` by hand, with rsp set once and no prediction by calls. */
        .macro  exit
        movq    8(%rbp), %rcx
        leaq    16(%rbp), %rsp
        movq    (%rbp), %rbp
        .cfi_def_cfa %rsp, 0                    /* rbp is the caller's: CFA = rsp, the return address at CFA - 8 below it */
        .cfi_restore %rbp
        notrack jmp *%rcx
        .endm

        /* A hidden global function; `.size` follows its last instruction. */
        .macro  function name
        .globl  \name
        .hidden \name
        .type   \name, @function
\name:
        .endm

        /* A hidden label that other files need: where a range begins or ends. */
        .macro  mark name
        .globl  \name
        .hidden \name
\name:
        .endm

        .text

/* void *ft_fiber_resume(record: r12, value: r13), preserve_none
   State A or C becomes B. */
        .p2align 6
        .cfi_startproc
function ft_fiber_resume
        endbr64
        pushq   %rbp
        .cfi_def_cfa_offset 16                  /* push: CFA = rsp + 16 ... */
        .cfi_offset %rbp, -16                   /* ... and the caller's rbp at CFA - 16 */
        movq    %rsp, %rbp                      /* R */
        .cfi_def_cfa_register %rbp
        leaq    .Lback(%rip), %rcx
        .cfi_undefined %rcx                     /* a variable of the caller's may have died in it, see REGISTERS */
        movq    %rcx, -8(%rbp)                  /* [R - 8], in the red zone: what the base frame's CFI finds at CFA - 8 */
        movq    FT_RECORD_BASE(%r12), %rdx
        .cfi_undefined %rdx
        movq    %r13, %rax                      /* the value the other side's call answers */
        .cfi_undefined %rax
        incq    FT_RECORD_COUNT(%r12)           /* odd: on a thread */
        movq    %rcx, FT_BASE_RETURN(%rdx)
        movq    %rbp, FT_BASE_LINK(%rdx)        /* the link; no walk passes here yet */
        movq    FT_RECORD_SP(%r12), %rbp        /* THE SWITCH: rbp + 16 is now the CFA of the fiber's suspend */
        registers_undefined
        exit                                    /* into the caller of suspend, or ft_fiber_start */

        .cfi_def_cfa %rbp, 16                   /* the resumer while the fiber runs: rbp = R */
        .cfi_offset %rbp, -16
        nop                                     /* unwinders that look up "pc - 1" of *back* find this row */
.Lback:
        ud2                                     /* a return address only: suspend leaves resume's frame itself */
mark ft_fiber_resume_high
        .size   ft_fiber_resume, . - ft_fiber_resume
        .cfi_endproc

/* Both functions below: state B becomes C. They differ in how their frame comes about and in how they leave, as CALLS,
   JUMPS AND RETURNS explains; the frame is the same, and so is how one unwinds it. */
        .macro  suspend_body entered
        .ifc    \entered, jump
        .cfi_def_cfa_offset 0                   /* CFA = rsp: the return address is below it */
        .cfi_undefined %rcx                     /* overwritten by ft_suspend's assembly */
        movq    %rbp, -16(%rsp)
        .cfi_offset %rbp, -16
        leaq    -16(%rsp), %rbp
        .cfi_def_cfa %rbp, 16
        .else
        endbr64
        pushq   %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset %rbp, -16
        movq    %rsp, %rbp
        .cfi_def_cfa_register %rbp
        .endif
        movq    %rbp, FT_RECORD_SP(%r12)        /* what the next resume loads */
        movq    FT_RECORD_BASE(%r12), %rdx
        .cfi_undefined %rdx
        leaq    ft_fiber_end_record(%rip), %rcx
        .cfi_undefined %rcx
        leaq    ft_fiber_not_running + 1(%rip), %rsi
        .cfi_undefined %rsi
        movq    %r13, %rax
        .cfi_undefined %rax
        movq    FT_BASE_LINK(%rdx), %rbp        /* THE SWITCH: rbp = R, rbp + 16 is the CFA of the resumer's resume */
        registers_undefined
.Lsuspended_by_\entered:                        /* in the first function: the pc of every fiber that does not run */
        movq    %rcx, FT_BASE_LINK(%rdx)        /* no walk passes here any more: end the chain */
        movq    %rsi, FT_BASE_RETURN(%rdx)
        incq    FT_RECORD_COUNT(%r12)           /* even: all of the fiber is in memory */
        .ifc    \entered, jump
        movq    %rbp, %rsp                      /* R: what follows is the epilogue of resume */
        popq    %rbp
        .cfi_def_cfa %rsp, 8
        .cfi_restore %rbp
        repz ret                                /* into the caller of resume, rax = the fiber's value. At a `ret` of one byte gdb
                                                   looks at no row and takes all registers for preserved */
        .else
        exit                                    /* likewise */
        .endif
        .endm

/* The return address at rsp - 8, record: r12, value: r13, as ft_suspend leaves them; the answer in rax. A jump leads here. */
        .p2align 6
        .cfi_startproc
function ft_fiber_suspend
        suspend_body jump
        .size   ft_fiber_suspend, . - ft_fiber_suspend
        .if     .Lsuspended_by_jump - ft_fiber_suspend - FT_SUSPENDED_OFFSET
        .error  "FT_SUSPENDED_OFFSET is not the offset of the instruction after the switch"
        .endif
        .cfi_endproc

/* void *ft_fiber_suspend_called(record: r12, value: r13), preserve_none */
        .p2align 4
        .cfi_startproc
function ft_fiber_suspend_called
        suspend_body call
mark ft_fiber_suspend_high                      /* of both */
        .size   ft_fiber_suspend_called, . - ft_fiber_suspend_called
        .cfi_endproc

#ifdef FT_SANITIZED
#undef ft_fiber_resume
#undef ft_fiber_suspend
#undef ft_fiber_suspend_called

/* As the function above of that name. sanitizers.c has what calls enter: the return address becomes a pushed one. */
        .p2align 4
        .cfi_startproc
function ft_fiber_suspend
        .cfi_def_cfa_offset 0
        leaq    -8(%rsp), %rsp
        .cfi_def_cfa_offset 8
        jmp     ft_fiber_suspend_called
        .size   ft_fiber_suspend, . - ft_fiber_suspend
        .cfi_endproc
#endif

/* The base function: the outermost frame of each fiber. Entered once, by the jump at the end of the first resume, with
   rbp = base, rsp = base - 0x10 (16-aligned) and the first value in rax.

   Its rows never change, since rbp is the base at each of its instructions:
     CFA = *(rbp), the link          DW_CFA_def_cfa_expression { DW_OP_breg6 0, DW_OP_deref }. Not DW_OP_reg6, a location:
                                     gdb, libunwind and framehop refuse it where a value is needed.
     rbp at *(rbp), the same word    DW_CFA_expression rbp { DW_OP_breg6 0 }
     return address at CFA - 8       *back*, stored by resume, or ft_fiber_not_running + 1 before the end record
   With these rules libunwind's fast path takes it for a realigned frame.

   It is a signal frame ("S" in its augmentation). gdb then accepts a resumer's stack that lies below the fiber's, and no
   unwinder subtracts one from *back*. */
        .p2align 4
        .cfi_startproc simple
        .cfi_signal_frame
        .cfi_personality 0x1b, ft_fiber_personality     /* 0x1b: pc-relative, 4 bytes, signed */
        .cfi_escape 0x0f, 3, 0x76, 0x00, 0x06           /* def_cfa_expression, 3 bytes: breg6 0; deref */
        .cfi_escape 0x10, 0x06, 2, 0x76, 0x00           /* expression for r6 (rbp), 2 bytes: breg6 0 */
        .cfi_offset %rip, -8
        registers_undefined
        /* gold's --gc-sections, which swiftc passes in release builds, follows no reference from .eh_frame: without one
           from code it drops the personality and leaves its address 0, which an exception would call. No byte is emitted. */
        .reloc  ., R_X86_64_NONE, ft_fiber_personality
mark ft_fiber_start_low
        nop                                     /* "pc - 1" of a fiber that has not started */
function ft_fiber_start
        endbr64
#ifdef FT_SANITIZED
        pushq   %rax                            /* the value, twice for alignment; the rows go by rbp */
        pushq   %rax
        callq   ft_fiber_has_started
        popq    %rax
        popq    %rax
#endif
        movq    FT_BASE_RECORD(%rbp), %rdi
        movq    %rax, %rsi
        movq    FT_BASE_ARGUMENT(%rbp), %rdx
        callq   *FT_BASE_ENTRY(%rbp)
        movq    FT_BASE_RECORD(%rbp), %r12
        movq    %rax, %r13                      /* the last value */
        orq     $FT_FLAG_FINISHED, FT_RECORD_IDENTITY(%r12)
        leaq    .Lresumed(%rip), %rcx
        movq    %rcx, -8(%rsp)                  /* as ft_suspend does; the rows go by rbp */
        jmp     ft_fiber_suspend                /* for ever */
.Lresumed:
        ud2                                     /* someone resumed a finished fiber */
mark ft_fiber_start_high
        .size   ft_fiber_start, . - ft_fiber_start
        .cfi_endproc

/* The end of the chain of a fiber that does not run. Never executed; found only as a return address. */
        .p2align 4
        .cfi_startproc
        .cfi_undefined %rip                     /* nothing above */
function ft_fiber_not_running
        nop                                     /* "pc - 1" of the address in the end record */
        ud2                                     /* ft_fiber_not_running + 1 */
mark ft_fiber_not_running_high
        .size   ft_fiber_not_running, . - ft_fiber_not_running
        .cfi_endproc

/* void ft_fiber_init(record: rdi, low: rsi, high: rdx, base: rcx, entry: r8, argument: r9), C convention
   Builds state A. */
        .p2align 4
        .cfi_startproc
function ft_fiber_init
        endbr64
        movq    %rdx, FT_BASE_HIGH(%rcx)
        movq    %r9, FT_BASE_ARGUMENT(%rcx)
        movq    $0, FT_BASE_CANCELS(%rcx)       /* a word of zero above the base, and a small number: */
        movq    $0, 16(%rcx)                    /* nothing for a scan to take for a frame */
        leaq    ft_fiber_not_running + 1(%rip), %rax
        movq    %rax, FT_BASE_RETURN(%rcx)
        leaq    ft_fiber_end_record(%rip), %rax
        movq    %rax, FT_BASE_LINK(%rcx)
        movq    %rdi, FT_BASE_RECORD(%rcx)
        movq    %r8, FT_BASE_ENTRY(%rcx)
        leaq    ft_fiber_start(%rip), %rax
        movq    %rax, FT_BASE_FIRST_PC(%rcx)
        movq    %rcx, FT_BASE_FIRST_FRAME(%rcx)
        leaq    FT_BASE_FIRST_FRAME(%rcx), %rax
        movq    %rax, FT_RECORD_SP(%rdi)
        movq    %rcx, FT_RECORD_BASE(%rdi)
        movq    %rsi, FT_RECORD_LOW(%rdi)
        movq    $0, FT_RECORD_COUNT(%rdi)
        ret
        .size   ft_fiber_init, . - ft_fiber_init
        .cfi_endproc

/* int ft_shadow_stack_enabled(void), C convention
   rdsspq leaves its operand alone where there is no shadow stack. */
        .p2align 4
        .cfi_startproc
function ft_shadow_stack_enabled
        endbr64
        xorl    %eax, %eax
        xorl    %ecx, %ecx
        rdsspq  %rcx
        testq   %rcx, %rcx
        setne   %al
        ret
        .size   ft_shadow_stack_enabled, . - ft_shadow_stack_enabled
        .cfi_endproc

/* void *ft_fiber_resume_c(record: rdi, value: rsi) and
   void *ft_fiber_suspend_c(record: rdi, value: rsi), C convention
   The same switches for callers that want rbx and r12 to r15 preserved. They keep a frame pointer, without which a
   frame-pointer walk of a suspended fiber or through a resumer would miss their callers.

   `resume` is called, since the fiber may come back by the `ret` that wants a call; `suspend` is jumped to, which is
   faster (Zen 5). */
        .macro  c_entry name, switch, by
        .p2align 4
        .cfi_startproc
function \name
        endbr64
        pushq   %rbp
        .cfi_def_cfa_offset 16
        .cfi_offset %rbp, -16
        movq    %rsp, %rbp
        .cfi_def_cfa_register %rbp
        .set    offset, 16
        .irp    register, rbx, r12, r13, r14, r15
        pushq   %\register
        .set    offset, offset + 8
        .cfi_offset \register, -offset
        .endr
        movq    %rdi, %r12
        movq    %rsi, %r13
        pushq   %rdi                            /* 16-aligns rsp at the call, as the psABI asks; the rows go by rbp */
        .ifc    \by, call
        callq   \switch
        .cfi_undefined %rcx
        .else
        leaq    1f(%rip), %rcx
        .cfi_undefined %rcx
        pushq   %rcx
        jmp     \switch
1:
        .endif
        .irp    register, rax, rdx, rsi, rdi, r8, r9, r10, r11
        .cfi_undefined %\register               /* the other side's, see REGISTERS; rcx above */
        .endr
        popq    %rdi
        .irp    register, r15, r14, r13, r12, rbx
        popq    %\register
        .cfi_restore \register
        .endr
        popq    %rbp
        .cfi_def_cfa %rsp, 8
        .cfi_restore %rbp
        popq    %rcx
        .cfi_def_cfa_offset 0
        notrack jmp *%rcx                       /* never ret: the predictor may expect the side just left */
        .size   \name, . - \name
        .cfi_endproc
        .endm

        c_entry ft_fiber_resume_c, ft_fiber_resume, call
        c_entry ft_fiber_suspend_c, ft_fiber_suspend_called, jump

/* void ft_suspend_calls(void), C convention
   What ft_suspend seems to call, see there. Never executed. */
        .p2align 4
        .cfi_startproc
function ft_suspend_calls
        ud2
        .size   ft_suspend_calls, . - ft_suspend_calls
        .cfi_endproc

/* The end record: constant, but for the relocation of its first word. */
        .section .data.rel.ro, "aw", @progbits
        .p2align 3
        .quad   ft_fiber_not_running + 1
        .globl  ft_fiber_end_record
        .hidden ft_fiber_end_record
        .type   ft_fiber_end_record, @object
ft_fiber_end_record:
        .quad   0, 0
        .size   ft_fiber_end_record, 16

/* Without this note the linker would make the stack executable. */
        .section .note.GNU-stack, "", @progbits

/* GNU property: x86 feature 1 (IBT, shadow stack) = IBT only. A file without a property would turn both off for the whole
   program; one that claimed shadow stacks would fault at the first switch. */
        .section .note.gnu.property, "a", @note
        .p2align 3
        .long   4, 16, 5                        /* name size, descriptor size, NT_GNU_PROPERTY_TYPE_0 */
        .asciz  "GNU"
        .long   0xc0000002, 4, 1, 0             /* GNU_PROPERTY_X86_FEATURE_1_AND, 4 bytes: IBT, padding */
