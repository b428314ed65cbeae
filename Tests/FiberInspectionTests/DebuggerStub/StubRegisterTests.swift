import Testing

@testable import FiberInspection

/// Register sets of core notes as gdb asks for them.
@Suite struct StubRegisterTests {
  /// `user_regs_struct` with word n = n + 1.
  private static let general: [UInt8] = (0..<27).flatMap { [UInt8($0 + 1), 0, 0, 0, 0, 0, 0, 0] }

  /// `fxsave`: fctrl 0x037f, top 6, st0 and st1 in use; xmm n is n + 1 in each byte; mxcsr 0x1f80.
  private static let floatingPoint: [UInt8] = {
    var bytes = [UInt8](repeating: 0, count: 512)
    bytes[0...1] = [0x7f, 0x03]
    bytes[2...3] = [0x00, 0x30]
    bytes[4] = 0b1100_0000
    bytes[6...7] = [0xff, 0xff]
    bytes[8...11] = [1, 2, 3, 4]
    bytes[24...25] = [0x80, 0x1f]
    // st0 is 1.0, st1 is 0.
    bytes[32..<42] = [0, 0, 0, 0, 0, 0, 0, 0x80, 0xff, 0x3f]
    for number in 0..<16 {
      for byte in 0..<16 { bytes[160 + 16 * number + byte] = UInt8(number + 1) }
    }
    return bytes
  }()

  private static func extended(present: UInt8) -> [UInt8] {
    var bytes = floatingPoint + [UInt8](repeating: 0, count: 64)
    bytes[512] = present
    for number in 0..<16 { bytes += [UInt8](repeating: UInt8(0x80 + number), count: 16) }
    return bytes
  }

  private func thread(_ extended: [UInt8]?, floatingPoint: [UInt8]? = nil) -> CoreThreadNotes.Thread {
    CoreThreadNotes.Thread(
      general: Self.general[...], floatingPoint: floatingPoint.map { $0[...] }, extended: extended.map { $0[...] })
  }

  private func values(_ image: RegisterImage, hasAVX: Bool = true) -> [String: [UInt8]] {
    let registers = TargetDescription(hasAVX: hasAVX).registers
    return Dictionary(
      uniqueKeysWithValues: registers.compactMap { register in
        image.bytes(of: register).map { (register.name, $0) }
      })
  }

  @Test func aThreadHasAllOfItsRegisters() {
    let notes = thread(Self.extended(present: 7))
    #expect(RegisterImage.hasAVX(notes))
    let values = values(RegisterImage(nil, notes: notes, host: nil))
    #expect(values.count == TargetDescription(hasAVX: true).registers.count)
    #expect(values["r15"] == [1, 0, 0, 0, 0, 0, 0, 0])
    #expect(values["rax"]?.first == 11 && values["rip"]?.first == 17 && values["rsp"]?.first == 20)
    #expect(values["eflags"] == [19, 0, 0, 0] && values["gs"] == [27, 0, 0, 0])
    #expect(values["orig_rax"]?.first == 16 && values["fs_base"]?.first == 22 && values["gs_base"]?.first == 23)
    #expect(values["st0"] == [0, 0, 0, 0, 0, 0, 0, 0x80, 0xff, 0x3f])
    #expect(values["fctrl"] == [0x7f, 0x03, 0, 0] && values["fop"] == [0xff, 0x07, 0, 0])
    #expect(values["fioff"] == [1, 2, 3, 4] && values["mxcsr"] == [0x80, 0x1f, 0, 0])
    #expect(values["xmm15"] == [UInt8](repeating: 16, count: 16))
    #expect(values["ymm15h"] == [UInt8](repeating: 0x8f, count: 16))
    // Physical 6 is st0, a number; 7 is st1, zero; the others are empty.
    #expect(values["ftag"] == [0xff, 0x4f, 0, 0])
  }

  @Test func avxStateThatIsNotPresentIsZero() {
    let values = values(RegisterImage(nil, notes: thread(Self.extended(present: 3)), host: nil))
    #expect(values["ymm3h"] == [UInt8](repeating: 0, count: 16))
  }

  @Test func withoutExtendedStateThereIsNoAVX() {
    let notes = thread(nil, floatingPoint: Self.floatingPoint)
    #expect(!RegisterImage.hasAVX(notes))
    let values = values(RegisterImage(nil, notes: notes, host: nil))
    #expect(values["ymm0h"] == nil)
    #expect(values["xmm0"] == [UInt8](repeating: 1, count: 16))
  }

  @Test func notesThatAreTooShortLeaveRegistersUnknown() {
    for size in [0, 1, 3, 31, 41, 159, 511, 513, 577] {
      let bytes = Array(Self.extended(present: 7).prefix(size))
      let image = RegisterImage(nil, notes: thread(bytes), host: nil)
      let registers = TargetDescription(hasAVX: true).registers
      #expect(image.packet(registers).count == registers.reduce(0) { $0 + $1.bits / 4 }, "\(size)")
    }
  }

  @Test func aFiberThatResumesAnotherHasWhatCallsLeaveOfItsThread() {
    let start = Registers(programCounter: 0x1020, framePointer: 0x2000, stackPointer: 0x2000)
    let values = values(RegisterImage(start, notes: nil, host: thread(nil)))
    #expect(
      Set(values.keys) == [
        "rip", "rbp", "rsp", "cs", "ss", "ds", "es", "fs", "gs", "fs_base", "gs_base",
      ])
    #expect(values["rip"] == [0x20, 0x10, 0, 0, 0, 0, 0, 0])
  }
}
