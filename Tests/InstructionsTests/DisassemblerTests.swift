import Testing

@testable import Instructions

@Suite struct DisassemblerTests {
  private func decode(_ bytes: [UInt8], at address: UInt64 = 0x1000) -> (text: String, decoded: DecodedInstruction) {
    let disassembler = Disassembler()
    let decoded = disassembler.decode(bytes, at: 0, address: address)
    return (String(decoding: disassembler.text[..<disassembler.textCount], as: UTF8.self), decoded)
  }

  @Test func conditionsAreCalledAsTheGNUToolsDo() {
    let jumps: [(UInt8, String)] = [
      (0x72, "jb"), (0x73, "jae"), (0x74, "je"), (0x75, "jne"), (0x76, "jbe"), (0x77, "ja"), (0x7a, "jp"),
      (0x7b, "jnp"),
      (0x7c, "jl"), (0x7d, "jge"), (0x7e, "jle"), (0x7f, "jg"),
    ]
    for (code, name) in jumps { #expect(decode([code, 0x10]).text == "\(name) 0x1012") }
    #expect(decode([0x0f, 0x97, 0xc0]).text == "seta al")
    #expect(decode([0x0f, 0x45, 0xc1]).text == "cmovne eax, ecx")
  }

  @Test func aNameBehindAPrefixIsReplacedToo() {
    // A shorter name leaves the buffer whole for the next instruction.
    let disassembler = Disassembler()
    for _ in 0..<1000 { _ = disassembler.decode([0xf2, 0x0f, 0x87, 0, 0, 0, 0], at: 0, address: 0) }
    #expect(String(decoding: disassembler.text[..<disassembler.textCount], as: UTF8.self) == "bnd ja 0x7")
  }

  @Test func branchesAndOperandsRelativeToRIPLeadSomewhere() {
    #expect(decode([0xe8, 0xfb, 0xff, 0xff, 0xff]).decoded.target == 0x1000)
    let load = decode([0x48, 0x8b, 0x05, 0x10, 0x2c, 0x00, 0x00])
    #expect(load.text == "mov rax, qword ptr [rip+0x2c10]")
    #expect(load.decoded.target == 0x3c17)
    #expect(decode([0x48, 0x8b, 0x04, 0x24]).decoded.target == nil)
  }

  @Test func aSizeIsAlwaysNamed() {
    #expect(decode([0x49, 0xff, 0x44, 0x24, 0x10]).text == "inc qword ptr [r12+0x10]")
  }

  @Test(arguments: [[0x06], [0xff, 0xff], [0x48], [0x0f, 0xff]] as [[UInt8]])
  func bytesThatAreNoInstructionAreTakenOneByOne(_ bytes: [UInt8]) {
    let (text, decoded) = decode(bytes)
    #expect(text == "(bad)" || decoded.isValid && bytes == [0x0f, 0xff], "\(bytes): \(text)")
    if !decoded.isValid { #expect(decoded.length == 1) }
  }

  @Test func everyByteSequenceIsTakenWithinItsBounds() {
    var generator = SystemRandomNumberGenerator()
    let disassembler = Disassembler()
    for _ in 0..<20_000 {
      let bytes = (0..<Int.random(in: 1...16, using: &generator)).map { _ in
        UInt8.random(in: 0...255, using: &generator)
      }
      let decoded = disassembler.decode(bytes, at: 0, address: .random(in: 0...(.max), using: &generator))
      #expect((1...bytes.count).contains(decoded.length), "\(bytes)")
      #expect(disassembler.textCount > 0)
      #expect(
        !disassembler.text[..<disassembler.textCount].contains { $0 < 0x20 || $0 > 0x7e || $0 == 0x22 || $0 == 0x5c })
    }
  }
}
