/// A register as gdb numbers them: in the order of the target description.
struct StubRegister: Equatable {
  /// Where its value comes from.
  enum Source: Equatable {
    /// A word of `user_regs_struct`, by index.
    case general(Int)
    /// The first 10 of the 16 bytes of st0 to st7.
    case x87(Int)
    /// Two bytes of `fxsave` at an offset: fctrl, fstat and the like.
    case x87Half(Int)
    /// Four bytes there.
    case x87Word(Int)
    /// The tag word: two bits a register, of which `fxsave` keeps one.
    case x87Tags
    case xmm(Int)
    case mxcsr
    /// The upper half of ymm0 to ymm15.
    case ymmHigh(Int)
  }

  let name: String
  /// Of its value, 8 a byte.
  let bits: Int
  /// In the words of target descriptions.
  let type: String
  let source: Source
}

/// A part of a target description, by the name that gdb knows.
struct StubFeature {
  let name: String
  /// Definitions of types, as XML.
  var types = ""
  let registers: [StubRegister]

  /// Those that every x86-64 thread has, and the upper halves of the AVX registers if `hasAVX`.
  static func all(hasAVX: Bool) -> [StubFeature] {
    [core, sse, linux, segments] + (hasAVX ? [avx] : [])
  }

  private static let core: StubFeature = {
    let words: [(String, Int)] = [
      ("rax", 10), ("rbx", 5), ("rcx", 11), ("rdx", 12), ("rsi", 13), ("rdi", 14), ("rbp", 4), ("rsp", 19), ("r8", 9),
      ("r9", 8), ("r10", 7), ("r11", 6), ("r12", 3), ("r13", 2), ("r14", 1), ("r15", 0), ("rip", 16),
    ]
    let pointers = ["rbp": "data_ptr", "rsp": "data_ptr", "rip": "code_ptr"]
    let halves: [(String, Int)] = [
      ("eflags", 18), ("cs", 17), ("ss", 20), ("ds", 23), ("es", 24), ("fs", 25), ("gs", 26),
    ]
    let control: [(String, StubRegister.Source)] = [
      ("fctrl", .x87Half(0)), ("fstat", .x87Half(2)), ("ftag", .x87Tags), ("fiseg", .x87Half(12)),
      ("fioff", .x87Word(8)), ("foseg", .x87Half(20)), ("fooff", .x87Word(16)), ("fop", .x87Half(6)),
    ]
    return StubFeature(
      name: "org.gnu.gdb.i386.core", types: flags,
      registers: words.map {
        StubRegister(name: $0.0, bits: 64, type: pointers[$0.0] ?? "int64", source: .general($0.1))
      }
        + halves.map {
          StubRegister(name: $0.0, bits: 32, type: $0.0 == "eflags" ? "i386_eflags" : "int32", source: .general($0.1))
        } + (0..<8).map { StubRegister(name: "st\($0)", bits: 80, type: "i387_ext", source: .x87($0)) }
        + control.map { StubRegister(name: $0.0, bits: 32, type: "int", source: $0.1) })
  }()

  private static let sse = StubFeature(
    name: "org.gnu.gdb.i386.sse", types: vectors + exceptions,
    registers: (0..<16).map { StubRegister(name: "xmm\($0)", bits: 128, type: "vec128", source: .xmm($0)) }
      + [StubRegister(name: "mxcsr", bits: 32, type: "i386_mxcsr", source: .mxcsr)])

  private static let linux = StubFeature(
    name: "org.gnu.gdb.i386.linux",
    registers: [StubRegister(name: "orig_rax", bits: 64, type: "int", source: .general(15))])

  private static let segments = StubFeature(
    name: "org.gnu.gdb.i386.segments",
    registers: [
      StubRegister(name: "fs_base", bits: 64, type: "int", source: .general(21)),
      StubRegister(name: "gs_base", bits: 64, type: "int", source: .general(22)),
    ])

  private static let avx = StubFeature(
    name: "org.gnu.gdb.i386.avx",
    registers: (0..<16).map { StubRegister(name: "ymm\($0)h", bits: 128, type: "uint128", source: .ymmHigh($0)) })

  /// EFLAGS by bit (Intel SDM 1, figure 3-8).
  private static let flags = Self.bits(
    "i386_eflags",
    [
      ("CF", 0), ("", 1), ("PF", 2), ("AF", 4), ("ZF", 6), ("SF", 7), ("TF", 8), ("IF", 9), ("DF", 10), ("OF", 11),
      ("NT", 14), ("RF", 16), ("VM", 17), ("AC", 18), ("VIF", 19), ("VIP", 20), ("ID", 21),
    ])

  /// MXCSR by bit (Intel SDM 1, figure 10-3).
  private static let exceptions = Self.bits(
    "i386_mxcsr",
    [
      ("IE", 0), ("DE", 1), ("ZE", 2), ("OE", 3), ("UE", 4), ("PE", 5), ("DAZ", 6), ("IM", 7), ("DM", 8), ("ZM", 9),
      ("OM", 10), ("UM", 11), ("PM", 12), ("FZ", 15),
    ])

  private static func bits(_ id: String, _ fields: [(name: String, bit: Int)]) -> String {
    "<flags id=\"\(id)\" size=\"4\">"
      + fields.map { "<field name=\"\($0.name)\" start=\"\($0.bit)\" end=\"\($0.bit)\"/>" }.joined() + "</flags>"
  }

  private static let vectors: String = {
    let parts: [(id: String, type: String, count: Int, field: String)] = [
      ("v8bf16", "bfloat16", 8, "v8_bfloat16"), ("v4f", "ieee_single", 4, "v4_float"),
      ("v2d", "ieee_double", 2, "v2_double"), ("v16i8", "int8", 16, "v16_int8"), ("v8i16", "int16", 8, "v8_int16"),
      ("v4i32", "int32", 4, "v4_int32"), ("v2i64", "int64", 2, "v2_int64"),
    ]
    return parts.map { "<vector id=\"\($0.id)\" type=\"\($0.type)\" count=\"\($0.count)\"/>" }.joined()
      + "<union id=\"vec128\">" + parts.map { "<field name=\"\($0.field)\" type=\"\($0.id)\"/>" }.joined()
      + "<field name=\"uint128\" type=\"uint128\"/></union>"
  }()
}

/// The registers of a target, and how gdb learns of them.
struct TargetDescription {
  let features: [StubFeature]
  /// All, in the order of `g` packets.
  let registers: [StubRegister]

  init(hasAVX: Bool) {
    features = StubFeature.all(hasAVX: hasAVX)
    registers = features.flatMap(\.registers)
  }

  /// target.xml: "Target Descriptions" in appendix G of gdb's manual.
  var xml: String {
    "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\"><target>"
      + "<architecture>i386:x86-64</architecture><osabi>GNU/Linux</osabi>"
      + features.map { feature in
        "<feature name=\"\(feature.name)\">\(feature.types)"
          + feature.registers.map { "<reg name=\"\($0.name)\" bitsize=\"\($0.bits)\" type=\"\($0.type)\"/>" }.joined()
          + "</feature>"
      }.joined() + "</target>"
  }
}
