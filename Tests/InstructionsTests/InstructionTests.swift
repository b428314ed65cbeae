import Testing

@testable import Instructions

/// What single instructions do. Bytes are as GNU as 2.40 makes them of the text beside.
@Suite struct InstructionTests {
  private static let address: UInt64 = 0x1000

  private func decode(_ bytes: [UInt8]) -> Instruction {
    Disassembler().instruction(bytes, at: 0, address: Self.address)
  }

  /// An instruction that neither stores nor branches.
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var bytes: [UInt8]
    var effect: Instruction.Effect
    var changes: RegisterSet

    init(_ text: String, _ bytes: [UInt8], _ effect: Instruction.Effect, _ changes: GeneralRegister...) {
      testDescription = text
      self.bytes = bytes
      self.effect = effect
      self.changes = changes.reduce(into: []) { $0.insert(RegisterSet($1)) }
    }
  }

  static let effects: [Case] = [
    Case("push rbx", [0x53], .push(.register(.rbx)), .rsp),
    Case("push r12", [0x41, 0x54], .push(.register(.r12)), .rsp),
    Case("push rsp", [0x54], .push(.register(.rsp)), .rsp),
    Case("push -1", [0x6a, 0xff], .push(.constant(-1)), .rsp),
    Case("push 0x80000000, sign-extended", [0x68, 0, 0, 0, 0x80], .push(.constant(-0x8000_0000)), .rsp),
    Case(
      "push qword ptr [rdi+8]", [0xff, 0x77, 0x08], .push(.memory(.init(base: .rdi, displacement: 8))), .rsp),
    Case("push bx", [0x66, 0x53], .pushShort, .rsp),
    Case("push fs", [0x0f, 0xa0], .push(.unknown), .rsp),
    Case("pushfq", [0x9c], .push(.unknown), .rsp),
    Case("pushf", [0x66, 0x9c], .pushShort, .rsp),
    Case("pop rbp", [0x5d], .pop(.rbp), .rbp, .rsp),
    Case("pop rsp", [0x5c], .pop(.rsp), .rsp),
    Case("pop bx", [0x66, 0x5b], .popShort, .rbx, .rsp),
    Case("popfq", [0x9d], .popElsewhere, .rsp),
    Case("pop fs", [0x0f, 0xa1], .popElsewhere, .rsp),
    Case("mov rbp, rsp", [0x48, 0x89, 0xe5], .move(.rbp, .register(.rsp)), .rbp),
    Case(
      "mov rbx, [rsp+8]", [0x48, 0x8b, 0x5c, 0x24, 0x08], .move(.rbx, .memory(.init(base: .rsp, displacement: 8))), .rbx
    ),
    Case(
      "mov rax, fs:[0x28]", [0x64, 0x48, 0x8b, 0x04, 0x25, 0x28, 0, 0, 0],
      .move(.rax, .memory(.init(displacement: 0x28, isElsewhere: true))), .rax),
    Case("mov rcx, [ebx]", [0x67, 0x48, 0x8b, 0x0b], .move(.rcx, .memory(.init(base: .rbx, isElsewhere: true))), .rcx),
    Case("mov eax, ebx", [0x89, 0xd8], .other, .rax),
    Case("mov eax, -1, zero-extended", [0xb8, 0xff, 0xff, 0xff, 0xff], .move(.rax, .constant(0xffff_ffff)), .rax),
    Case("mov rax, -1", [0x48, 0xc7, 0xc0, 0xff, 0xff, 0xff, 0xff], .move(.rax, .constant(-1)), .rax),
    Case(
      "movabs rax, 0x8000000000000001", [0x48, 0xb8, 1, 0, 0, 0, 0, 0, 0, 0x80],
      .move(.rax, .constant(Int64.min + 1)), .rax),
    Case("mov ah, 1", [0xb4, 1], .other, .rax),
    Case("mov bpl, 1", [0x40, 0xb5, 1], .other, .rbp),
    Case("xor ebp, ebp", [0x31, 0xed], .move(.rbp, .constant(0)), .rbp),
    Case("xor r12, r12", [0x4d, 0x31, 0xe4], .move(.r12, .constant(0)), .r12),
    Case("xor ax, ax", [0x66, 0x31, 0xc0], .other, .rax),
    Case("sub eax, eax", [0x29, 0xc0], .move(.rax, .constant(0)), .rax),
    Case("sub rsp, 0x18", [0x48, 0x83, 0xec, 0x18], .sum(.rsp, .rsp, -0x18), .rsp),
    Case("sub rsp, -0x80", [0x48, 0x83, 0xec, 0x80], .sum(.rsp, .rsp, 0x80), .rsp),
    Case("add rsp, 0x12345678", [0x48, 0x81, 0xc4, 0x78, 0x56, 0x34, 0x12], .sum(.rsp, .rsp, 0x1234_5678), .rsp),
    Case("sub rsp, rax", [0x48, 0x29, 0xc4], .other, .rsp),
    Case("add esp, 8", [0x83, 0xc4, 0x08], .other, .rsp),
    Case("inc rsp", [0x48, 0xff, 0xc4], .sum(.rsp, .rsp, 1), .rsp),
    Case("dec rbx", [0x48, 0xff, 0xcb], .sum(.rbx, .rbx, -1), .rbx),
    Case("lea rsp, [rbp-0x28]", [0x48, 0x8d, 0x65, 0xd8], .sum(.rsp, .rbp, -0x28), .rsp),
    Case("lea r10, [rsp+8]", [0x4c, 0x8d, 0x54, 0x24, 0x08], .sum(.r10, .rsp, 8), .r10),
    Case("lea rax, [rbx+rcx*4]", [0x48, 0x8d, 0x04, 0x8b], .other, .rax),
    Case("lea rax, [rip+0x10]", [0x48, 0x8d, 0x05, 0x10, 0, 0, 0], .move(.rax, .constant(0x1017)), .rax),
    Case("lea eax, [rsp+8]", [0x8d, 0x44, 0x24, 0x08], .other, .rax),
    Case("lea rax, [esp+8]", [0x67, 0x48, 0x8d, 0x44, 0x24, 0x08], .other, .rax),
    Case("and rsp, -0x20", [0x48, 0x83, 0xe4, 0xe0], .align(.rsp, -0x20), .rsp),
    Case("and rsp, 0x20", [0x48, 0x83, 0xe4, 0x20], .other, .rsp),
    Case("xchg rsp, rdi", [0x48, 0x87, 0xfc], .exchange(.rsp, .rdi), .rsp, .rdi),
    Case("xchg rax, rbx", [0x48, 0x93], .exchange(.rbx, .rax), .rax, .rbx),
    Case("xchg eax, ebx", [0x93], .other, .rax, .rbx),
    Case("nop", [0x90], .nothing),
    Case("xchg ax, ax, as gcc pads", [0x66, 0x90], .nothing),
    Case("nop word ptr cs:[rax+rax]", [0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0], .nothing),
    Case("endbr64", [0xf3, 0x0f, 0x1e, 0xfa], .other),
    Case("leave", [0xc9], .leave, .rbp, .rsp),
    Case("leavew", [0x66, 0xc9], .other, .rbp, .rsp),
    Case("enter 0x20, 0", [0xc8, 0x20, 0, 0], .enter(0x20), .rbp, .rsp),
    Case("enter 0x20, 1", [0xc8, 0x20, 0, 1], .other, .rbp, .rsp),
    Case("cpuid", [0x0f, 0xa2], .other, .rax, .rbx, .rcx, .rdx),
    Case("mul rcx", [0x48, 0xf7, 0xe1], .other, .rax, .rdx),
    Case("mul cl", [0xf6, 0xe1], .other, .rax),
    Case("imul rbx, rcx", [0x48, 0x0f, 0xaf, 0xd9], .other, .rbx),
    Case("div rcx", [0x48, 0xf7, 0xf1], .other, .rax, .rdx),
    Case("cqo", [0x48, 0x99], .other, .rdx),
    Case("cdqe", [0x48, 0x98], .other, .rax),
    Case("mulx rax, rbx, rcx", [0xc4, 0xe2, 0xe3, 0xf6, 0xc1], .other, .rax, .rbx),
    Case("rdrand rbp", [0x48, 0x0f, 0xc7, 0xf5], .other, .rbp),
    Case("rdtsc", [0x0f, 0x31], .other, .rax, .rdx),
    Case("rdtscp", [0x0f, 0x01, 0xf9], .other, .rax, .rcx, .rdx),
    Case("xgetbv", [0x0f, 0x01, 0xd0], .other, .rax, .rdx),
    Case("lodsq", [0x48, 0xad], .other, .rax, .rsi),
    Case("rep lodsb", [0xf3, 0xac], .other, .rax, .rcx, .rsi),
    Case("scasb", [0xae], .other, .rdi),
    Case("cmpsq", [0x48, 0xa7], .other, .rdi, .rsi),
    Case("outsb", [0x6e], .other, .rsi),
    Case("repne scasb", [0xf2, 0xae], .other, .rcx, .rdi),
    Case("repe cmpsb", [0xf3, 0xa6], .other, .rcx, .rdi, .rsi),
    Case("cmove rbx, rcx", [0x48, 0x0f, 0x44, 0xd9], .other, .rbx),
    Case("xadd rcx, rbx", [0x48, 0x0f, 0xc1, 0xd9], .other, .rbx, .rcx),
    Case("cmpxchg rcx, rbx", [0x48, 0x0f, 0xb1, 0xd9], .other, .rax, .rcx),
    Case("bswap r12", [0x49, 0x0f, 0xcc], .other, .r12),
    Case("sete bl", [0x0f, 0x94, 0xc3], .other, .rbx),
    Case("movq rbx, xmm0", [0x66, 0x48, 0x0f, 0x7e, 0xc3], .other, .rbx),
    Case("cvttsd2si rbx, xmm0", [0xf2, 0x48, 0x0f, 0x2c, 0xd8], .other, .rbx),
    Case("pcmpestri xmm0, xmm1, 0", [0x66, 0x0f, 0x3a, 0x61, 0xc1, 0], .other, .rcx),
    Case("pext rbx, rcx, rdx", [0xc4, 0xe2, 0xf2, 0xf5, 0xda], .other, .rbx),
    Case("movaps xmm0, xmm1", [0x0f, 0x28, 0xc1], .other),
    Case("test rax, rax", [0x48, 0x85, 0xc0], .other),
    Case("cmp rsp, rax", [0x48, 0x39, 0xc4], .other),
    Case("bt rax, rcx", [0x48, 0x0f, 0xa3, 0xc8], .other),
    Case("bts rax, rcx", [0x48, 0x0f, 0xab, 0xc8], .other, .rax),
    Case("lahf", [0x9f], .other, .rax),
    Case("rdsspq rbx", [0xf3, 0x48, 0x0f, 0x1e, 0xcb], .other, .rbx),
  ]

  @Test(arguments: effects) func registersGetTheirValues(_ one: Case) {
    let instruction = decode(one.bytes)
    #expect(Int(instruction.length) == one.bytes.count)
    #expect(instruction.flow == .next)
    #expect(instruction.effect == one.effect)
    #expect(instruction.changes == one.changes)
    #expect(instruction.store == nil)
  }

  static let flows: [(String, [UInt8], Instruction.Flow)] = [
    ("jmp +2", [0xeb, 0x02], .jump(0x1004)), ("jmp -5", [0xe9, 0xfb, 0xff, 0xff, 0xff], .jump(0x1000)),
    ("je +2", [0x74, 0x02], .branch(0x1004)), ("bnd jne", [0xf2, 0x0f, 0x85, 0, 0, 0, 0], .branch(0x1007)),
    ("jrcxz", [0xe3, 0x02], .branch(0x1004)), ("xbegin +0", [0xc7, 0xf8, 0, 0, 0, 0], .branch(0x1006)),
    ("jmp rax", [0xff, 0xe0], .indirectJump(slot: nil)),
    ("notrack jmp rax", [0x3e, 0xff, 0xe0], .indirectJump(slot: nil)),
    ("jmp [rip+0x10]", [0xff, 0x25, 0x10, 0, 0, 0], .indirectJump(slot: 0x1016)),
    ("bnd jmp [rip+0x10]", [0xf2, 0xff, 0x25, 0x10, 0, 0, 0], .indirectJump(slot: 0x1017)),
    ("jmp fs:[0x10]", [0x64, 0xff, 0x24, 0x25, 0x10, 0, 0, 0], .indirectJump(slot: nil)),
    ("jmp far [rip+0x10]", [0xff, 0x2d, 0x10, 0, 0, 0], .indirectJump(slot: nil)),
    ("call +0", [0xe8, 0, 0, 0, 0], .call(0x1005)), ("call rbx", [0xff, 0xd3], .indirectCall(slot: nil)),
    ("call [rip-6]", [0xff, 0x15, 0xfa, 0xff, 0xff, 0xff], .indirectCall(slot: 0x1000)),
    ("ret", [0xc3], .return(0)), ("repz ret", [0xf3, 0xc3], .return(0)), ("ret 0x10", [0xc2, 0x10, 0], .return(0x10)),
    ("retf", [0xcb], .stop), ("iretq", [0x48, 0xcf], .stop), ("ud2", [0x0f, 0x0b], .stop), ("hlt", [0xf4], .stop),
    ("int3", [0xcc], .stop), ("sysret", [0x48, 0x0f, 0x07], .stop), ("syscall", [0x0f, 0x05], .system),
    ("int 0x80", [0xcd, 0x80], .system), ("(bad)", [0x06], .undecodable), ("(short)", [0x48], .undecodable),
  ]

  @Test(arguments: flows.indices) func controlGoesWhereItGoes(_ index: Int) {
    let (text, bytes, flow) = Self.flows[index]
    let instruction = decode(bytes)
    #expect(instruction.flow == flow, "\(text)")
    #expect(instruction.store == nil, "\(text)")
    #expect(!instruction.changes.contains(.rsp) || flow == .stop, "\(text)")
    if flow != .undecodable { #expect(Int(instruction.length) == bytes.count, "\(text)") }
  }

  @Test func loopsAndSystemCallsChangeRegisters() {
    #expect(decode([0xe2, 0x02]).changes == RegisterSet(.rcx))
    #expect(decode([0x0f, 0x05]).changes.contains(.rcx))
    #expect(decode([0x0f, 0x05]).changes.contains(.r11))
  }

  static let stores: [(String, [UInt8], Instruction.Store)] = [
    ("mov [rsp], rbx", [0x48, 0x89, 0x1c, 0x24], .init(.init(base: .rsp), size: 8, value: .register(.rbx))),
    (
      "mov [rbp-8], 1", [0x48, 0xc7, 0x45, 0xf8, 1, 0, 0, 0],
      .init(.init(base: .rbp, displacement: -8), size: 8, value: .constant(1))
    ),
    ("mov [rsp], ebx", [0x89, 0x1c, 0x24], .init(.init(base: .rsp), size: 4)),
    (
      "mov [rsp+rcx*8], rbx", [0x48, 0x89, 0x1c, 0xcc],
      .init(.init(base: .rsp, index: .rcx, scale: 8), size: 8, value: .register(.rbx))
    ),
    ("add [rsp], rbx", [0x48, 0x01, 0x1c, 0x24], .init(.init(base: .rsp), size: 8)),
    ("movaps [rsp], xmm0", [0x0f, 0x29, 0x04, 0x24], .init(.init(base: .rsp), size: 16)),
    ("fxsave [rsp]", [0x0f, 0xae, 0x04, 0x24], .init(.init(base: .rsp), size: 512)),
    ("stosq", [0x48, 0xab], .init(.init(base: .rdi), size: 8)),
    ("rep stosq", [0xf3, 0x48, 0xab], .init(.init(base: .rdi), size: 0)),
    ("movsb", [0xa4], .init(.init(base: .rdi), size: 1)),
    ("cmpxchg16b [rdi]", [0x48, 0x0f, 0xc7, 0x0f], .init(.init(base: .rdi), size: 16)),
    ("pop [rsp+8]", [0x8f, 0x44, 0x24, 0x08], .init(.init(base: .rsp, displacement: 8), size: 8)),
    ("xchg [rsp], rbx", [0x48, 0x87, 0x1c, 0x24], .init(.init(base: .rsp), size: 8, value: .register(.rbx))),
    (
      "mov fs:[0], rax", [0x64, 0x48, 0x89, 0x04, 0x25, 0, 0, 0, 0],
      .init(.init(isElsewhere: true), size: 8, value: .register(.rax))
    ),
  ]

  @Test(arguments: stores.indices) func memoryIsWritten(_ index: Int) {
    let (text, bytes, store) = Self.stores[index]
    #expect(decode(bytes).store == store, "\(text)")
  }

  @Test func anExchangeWithMemoryIsBoth() {
    #expect(decode([0x48, 0x87, 0x1c, 0x24]).effect == .exchangeMemory(.rbx, .init(base: .rsp)))
  }
}
