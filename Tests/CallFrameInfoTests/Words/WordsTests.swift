import Testing

@testable import CallFrameInfo

@Suite struct WordsTests {
  private func words(_ bytes: [UInt8], ofRegister: Bool = false) -> String {
    let section = CallFrameSection(.ehFrame, source: "test.so", bytes: bytes, address: 0)
    return CallFrameWords(section).describe(
      expression: ExpressionBlock(offset: 0, count: bytes.count), ofRegister: ofRegister)
  }

  @Test func expressionsWithoutBranchesAreFormulas() {
    // A procedure linkage table's, and a fiber's base frame.
    #expect(
      words([0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22]) == "rsp + 8 + (((rip & 15) >= 11) << 3)")
    #expect(words([0x76, 0x00, 0x06]) == "*(rbp)")
    // A frame that realigned its stack, and the kernel's signal frame.
    #expect(words([0x76, 0x70, 0x06]) == "*(rbp - 16)")
    #expect(words([0x77, 0xa0, 0x01, 0x06]) == "*(rsp + 160)")
    #expect(words([0x77, 8, 0x23, 8]) == "rsp + 16")
    #expect(words([0x77, 8, 0x38, 0x1c]) == "rsp")
    #expect(words([0x77, 0, 0x76, 0, 0x22]) == "rsp + rbp")
    #expect(words([0x77, 0, 0x76, 0, 0x22, 0x23, 4]) == "rsp + rbp + 4")
    #expect(words([0x77, 0, 0x76, 8, 0x1c]) == "rsp - (rbp + 8)")
    #expect(words([0x77, 0, 0x38, 0x1e, 0x23, 1]) == "(rsp * 8) + 1")
    #expect(words([0x77, 0, 0x20]) == "~rsp")
    #expect(words([0x77, 1, 0x1f, 0x19]) == "abs(-(rsp + 1))")
    #expect(words([0x77, 0, 0x94, 4, 0x33, 0x26]) == "shra(*u32(rsp), 3)")
    // Sizes that memory is not read in.
    #expect(words([0x77, 0, 0x94, 0]) == "[breg7 0; deref_size 0]")
    #expect(words([0x77, 0, 0x94, 9]) == "[breg7 0; deref_size 9]")
    #expect(words([0x77, 0, 0x09, 0xf0, 0x1a]) == "rsp & (-16)")
    #expect(words([0x32, 0x33, 0x22]) == "5")
    #expect(words([0x03] + SectionBytes.little(0x401000 as UInt64)) == "0x401000")
    #expect(words([0x77, 0, 0x76, 0, 0x16, 0x14, 0x15, 2, 0x13, 0x13, 0x13]) == "rbp")
    #expect(words([0x23, 8], ofRegister: true) == "CFA + 8")
    #expect(words([0x76, 0x78], ofRegister: true) == "rbp - 8")
  }

  @Test func othersAreListed() {
    #expect(words([0x76, 0, 0x28, 3, 0, 0x06]) == "[breg6 0; bra +3; deref]")
    #expect(words([0x2f, 0xfd, 0xff]) == "[skip -3]")
    #expect(words([0x57, 0x06, 0x23, 0x38]) == "[reg7; deref; plus_uconst 56]")
    #expect(words([0x22]) == "[plus]")
    #expect(words([]) == "[]")
    #expect(words([0x77, 0, 0x30, 0x1b]) == "rsp / 0")
    #expect(words([0x31, 0x30, 0x1b]) == "[lit1; lit0; div]")
    #expect(words([0x77, 0, 0xff, 1]) == "[breg7 0; ? (operation 0xff, which is none known here)]")
    #expect(words([0x92, 0x32, 0x7f, 0x9f]) == "[bregx 50 -1; stack_value]")
    #expect(words([0xa3, 2, 0x77, 0]) == "[entry_value (2 bytes)]")
  }

  @Test func formulasAndListsStayShort() {
    let doubling = words([0x77, 0, 0x20] + (0..<40).flatMap { _ in [0x12, 0x1e] as [UInt8] })
    #expect(doubling.hasPrefix("[breg7 0; not; dup; mul;") && doubling.hasSuffix("; ... (18 more bytes)]"))
    #expect(words([UInt8](repeating: 0x31, count: 100_000)).utf8.count < 1000)
    // Nothing is left of them but a register: short, and yet too long to follow.
    #expect(words([0x77, 0] + [UInt8](repeating: 0x96, count: 255)) == "rsp")
    #expect(words([0x77, 0] + [UInt8](repeating: 0x96, count: 256)).hasPrefix("[breg7 0; nop; nop;"))
  }

  @Test func registersHaveTheirNames() {
    let names = (0...16).map { RegisterNames.name($0) }
    #expect(
      names == [
        "rax", "rdx", "rcx", "rbx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
        "rip",
      ])
    let others: [UInt16: String] = [
      17: "xmm0", 32: "xmm15", 33: "st0", 40: "st7", 41: "mm0", 48: "mm7", 49: "rflags", 50: "es", 55: "gs",
      56: "reg56", 58: "fs.base", 59: "gs.base", 62: "tr", 63: "ldtr", 64: "mxcsr", 65: "fcw", 66: "fsw", 67: "xmm16",
      82: "xmm31", 83: "reg83", 118: "k0", 125: "k7", 126: "bnd0", 129: "bnd3", 130: "reg130", 65535: "reg65535",
    ]
    for (number, name) in others { #expect(RegisterNames.name(number) == name) }
  }
}
