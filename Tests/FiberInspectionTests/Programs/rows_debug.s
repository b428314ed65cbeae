# Call frame information in .debug_frame alone.
        .cfi_sections .debug_frame
        .text
        .globl  debugged
        .type   debugged, @function
debugged:
        .cfi_startproc
        subq    $40, %rsp
        .cfi_def_cfa_offset 48
        nop
        nop
        .cfi_endproc
        .size   debugged, . - debugged
        .section .note.GNU-stack, "", @progbits
