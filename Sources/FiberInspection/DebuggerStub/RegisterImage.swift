internal import CallFrameInfo

/// What is known of one thread's or fiber's registers.
struct RegisterImage {
  private static let wordCount = UserRegisters.size / 8
  /// Indexes in `user_regs_struct` by DWARF number: rax, rdx, rcx, rbx, rsi, rdi, rbp, rsp, r8 to r15, rip.
  private static let dwarfOrder = [10, 12, 11, 5, 13, 14, 4, 19, 9, 8, 7, 6, 3, 2, 1, 0, 16]
  /// cs, ss, fs_base, gs_base, ds, es, fs, gs: what calls leave as it is.
  private static let ofThread = [17, 20, 21, 22, 23, 24, 25, 26]
  /// Offset of the AVX state, component 2 of `xsave`, in its standard form (Intel SDM 1, 13.4).
  private static let avxOffset = 576
  /// XSTATE_BV, which tells what of it is not in its initial state.
  private static let presentOffset = 512

  /// Words of `user_regs_struct`.
  private var general = [UInt64?](repeating: nil, count: wordCount)
  private var floatingPoint: ArraySlice<UInt8>?
  private var extended: ArraySlice<UInt8>?

  /// Whether these notes have AVX state.
  static func hasAVX(_ thread: CoreThreadNotes.Thread) -> Bool { (thread.extended?.count ?? 0) >= avxOffset + 256 }

  /// - Parameters:
  ///   - registers: what is known by a walk or the snapshot, which `notes` may know more of.
  ///   - notes: those of the very thread; all of its registers are this one's.
  ///   - host: those of the thread that a fiber is on without running: what calls do not change is this one's too.
  init(_ registers: Registers?, notes: CoreThreadNotes.Thread?, host: CoreThreadNotes.Thread?) {
    for index in Self.ofThread { general[index] = host?.general.littleEndian(index * 8) }
    if let notes {
      for index in 0..<Self.wordCount { general[index] = notes.general.littleEndian(index * 8) }
      extended = notes.extended
      floatingPoint = notes.floatingPoint ?? notes.extended?.prefix(Self.presentOffset)
    } else if let registers {
      for (number, value) in registers.values.enumerated() { general[Self.dwarfOrder[number]] = value }
    }
  }

  /// A register's bytes, lowest first; nil if it is not known.
  func bytes(of register: StubRegister) -> [UInt8]? {
    let size = register.bits / 8
    switch register.source {
    case .general(let index): return general[index].map { Self.bytes($0, size) }
    // struct user_i387_struct (sys/user.h).
    case .x87(let number): return legacy(32 + 16 * number, size)
    case .x87Half(let offset):
      // Of the opcode 11 bits count.
      let mask: UInt64 = offset == 6 ? 0x7ff : 0xffff
      return (floatingPoint?.littleEndian(offset, as: UInt16.self)).map { Self.bytes(UInt64($0) & mask, size) }
    case .x87Word(let offset): return legacy(offset, size)
    case .x87Tags: return tags.map { Self.bytes(UInt64($0), size) }
    case .xmm(let number): return legacy(160 + 16 * number, size)
    case .mxcsr: return legacy(24, size)
    case .ymmHigh(let number):
      guard let extended, let present: UInt64 = extended.littleEndian(Self.presentOffset) else { return nil }
      if present & 4 == 0 { return Self.bytes(0, size) }
      return Self.part(extended, Self.avxOffset + 16 * number, size)
    }
  }

  /// All registers as a `g` packet has them: two digits a byte, "xx" where it is not known.
  func packet(_ registers: [StubRegister]) -> [UInt8] {
    registers.flatMap { register in text(of: register) }
  }

  /// One register as a packet has it.
  func text(of register: StubRegister) -> [UInt8] {
    bytes(of: register).map { PacketText.hexadecimal($0) }
      ?? [UInt8](repeating: UInt8(ascii: "x"), count: register.bits / 4)
  }

  private func legacy(_ offset: Int, _ size: Int) -> [UInt8]? {
    floatingPoint.flatMap { Self.part($0, offset, size) }
  }

  private static func part(_ bytes: ArraySlice<UInt8>, _ offset: Int, _ size: Int) -> [UInt8]? {
    let part = bytes.dropFirst(offset).prefix(size)
    return part.count == size ? Array(part) : nil
  }

  private static func bytes(_ value: UInt64, _ size: Int) -> [UInt8] {
    (0..<size).map { $0 < 8 ? UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) : 0 }
  }

  /// The tag word of `fnstenv`: for each physical register 0 a number, 1 zero, 2 special, 3 empty (Intel SDM 1, 8.1.7). `fxsave`
  /// keeps only whether it is empty; what it is follows from its value.
  private var tags: UInt16? {
    guard let floatingPoint, let status: UInt16 = floatingPoint.littleEndian(2),
      let used: UInt8 = floatingPoint.littleEndian(4)
    else { return nil }
    let top = Int(status >> 11) & 7
    var tags: UInt16 = 0
    for physical in 0..<8 {
      var tag: UInt16 = 3
      if used >> physical & 1 == 1 {
        guard let value = legacy(32 + 16 * ((physical + 8 - top) % 8), 10) else { return nil }
        tag = Self.tag(value)
      }
      tags |= tag << (2 * UInt16(physical))
    }
    return tags
  }

  private static func tag(_ value: [UInt8]) -> UInt16 {
    let exponent = UInt16(value[9] & 0x7f) << 8 | UInt16(value[8])
    let isNormal = value[7] & 0x80 != 0
    switch exponent {
    case 0x7fff: return 2
    case 0: return value[..<8].allSatisfy { $0 == 0 } ? 1 : 2
    default: return isNormal ? 0 : 2
    }
  }
}
