import Testing

@testable import CallFrameInfo

/// Registers whose value is 0x1000 times their number, and memory whose bytes are the low bytes of their addresses.
struct PlainContext: EvaluationContext {
  var cfa: UInt64?

  func register(_ number: UInt16) -> UInt64? { number < 100 ? 0x1000 * UInt64(number) : nil }

  func memory(at address: UInt64, size: Int) -> UInt64? {
    guard address < 0x10_0000 else { return nil }
    return (0..<UInt64(size)).reduce(0) { $0 | ((address + $1) & 0xff) << (8 * $1) }
  }
}

@Suite struct EvaluatorTests {
  private func section(_ bytes: [UInt8]) -> CallFrameSection {
    CallFrameSection(.ehFrame, source: "test.so", bytes: [0xee] + bytes, address: 0x2000)
  }

  private func evaluate(_ bytes: [UInt8], initial: [UInt64] = [], cfa: UInt64? = nil) throws(CallFrameError) -> UInt64 {
    try ExpressionEvaluator.evaluate(
      ExpressionBlock(offset: 1, count: bytes.count), in: section(bytes), initial: initial,
      context: PlainContext(cfa: cfa))
  }

  /// Code, offset from the expression's start, and text.
  private func error(_ bytes: [UInt8], initial: [UInt64] = []) -> (
    code: CallFrameError.Code, offset: Int, text: String
  )? {
    do throws(CallFrameError) {
      _ = try evaluate(bytes, initial: initial)
      return nil
    } catch {
      return (error.code, error.offset - 1, error.text)
    }
  }

  /// A number as a `DW_OP_const8s`.
  private static func number(_ value: Int64) -> [UInt8] { [0x0f] + SectionBytes.little(value) }

  private static let large = Int64(bitPattern: 0xfedc_ba98_7654_3210)

  /// Operations, the stack before them and what is on top after them.
  private static let cases: [(String, [UInt8], [Int64], Int64)] = [
    ("addr", [0x03] + SectionBytes.little(large), [], large), ("deref", [0x06], [0x1234], 0x3b3a_3938_3736_3534),
    ("const1u", [0x08, 0xff], [], 255), ("const1s", [0x09, 0xff], [], -1), ("const2u", [0x0a, 0xfe, 0xff], [], 0xfffe),
    ("const2s", [0x0b, 0xfe, 0xff], [], -2), ("const4u", [0x0c, 0xfe, 0xff, 0xff, 0xff], [], 0xffff_fffe),
    ("const4s", [0x0d, 0xfe, 0xff, 0xff, 0xff], [], -2), ("const8u", [0x0e] + SectionBytes.little(large), [], large),
    ("const8s", [0x0f] + SectionBytes.little(large), [], large), ("constu", [0x10, 0x80, 0x01], [], 128),
    ("consts", [0x11, 0x40], [], -64), ("dup", [0x12, 0x22], [21], 42), ("drop", [0x13], [5, 6], 5),
    ("over", [0x14], [5, 6], 5), ("pick 0", [0x15, 0], [5, 6, 7], 7), ("pick 2", [0x15, 2], [5, 6, 7], 5),
    ("swap", [0x16], [5, 6], 5), ("swap keeps both", [0x16, 0x13], [5, 6], 6),
    // DWARF 5, §2.5.1.3: the first becomes the third, the second the first.
    ("rot", [0x17], [5, 6, 7], 6), ("rot, second", [0x17, 0x13], [5, 6, 7], 5),
    ("rot, third", [0x17, 0x13, 0x13], [5, 6, 7], 7), ("abs", [0x19], [-5], 5),
    ("abs of the least", [0x19], [.min], .min),
    ("and", [0x1a], [0b1100, 0b1010], 0b1000), ("div", [0x1b], [-7, 2], -3),
    ("div overflow", [0x1b], [.min, -1], .min),
    ("minus", [0x1c], [3, 5], -2), ("mod is unsigned", [0x1d], [-1, 10], 5), ("mul", [0x1e], [-3, 5], -15),
    ("mul wraps", [0x1e], [.max, 2], -2), ("neg", [0x1f], [5], -5), ("not", [0x20], [0], -1),
    ("or", [0x21], [0b1100, 0b1010], 0b1110), ("plus", [0x22], [3, -5], -2), ("plus wraps", [0x22], [.max, 1], .min),
    ("plus_uconst", [0x23, 0x80, 0x01], [1], 129), ("shl", [0x24], [1, 63], .min), ("shl 64", [0x24], [1, 64], 0),
    ("shr", [0x25], [-1, 60], 15), ("shr 64", [0x25], [-1, 64], 0), ("shr by minus one", [0x25], [-1, -1], 0),
    ("shra", [0x26], [-16, 2], -4), ("shra 64", [0x26], [-16, 64], -1), ("shra huge", [0x26], [-16, -1], -1),
    ("xor", [0x27], [0b1100, 0b1010], 0b0110), ("bra taken", [0x28, 1, 0, 0x31, 0x32], [9, 1], 2),
    ("bra not taken", [0x28, 1, 0, 0x31], [9, 0], 1), ("skip", [0x2f, 1, 0, 0x31, 0x32], [], 2),
    ("skip to the end", [0x2f, 1, 0, 0x31], [7], 7),
    ("eq", [0x29], [5, 5], 1), ("eq not", [0x29], [5, 6], 0), ("ge", [0x2a], [-1, 0], 0),
    ("ge equal", [0x2a], [0, 0], 1),
    ("gt", [0x2b], [0, -1], 1), ("gt equal", [0x2b], [0, 0], 0), ("le", [0x2c], [-1, 0], 1),
    ("le more", [0x2c], [1, 0], 0),
    ("lt", [0x2d], [-1, 0], 1), ("lt equal", [0x2d], [0, 0], 0), ("ne", [0x2e], [5, 6], 1),
    ("ne not", [0x2e], [5, 5], 0),
    ("lit0", [0x30], [], 0), ("lit31", [0x4f], [], 31), ("breg0", [0x70, 5], [], 5),
    ("breg7 -8", [0x77, 0x78], [], 0x6ff8),
    ("breg31", [0x8f, 0], [], 0x1f000), ("bregx", [0x92, 50, 0x7f], [], 0x31fff),
    ("deref_size 1", [0x94, 1], [0x1234], 0x34), ("deref_size 4", [0x94, 4], [0xff], 0x0201_00ff),
    ("deref_size 3", [0x94, 3], [0x12], 0x14_1312), ("deref_size 8", [0x94, 8], [0x1234], 0x3b3a_3938_3736_3534),
    ("nop", [0x96], [3], 3), ("GNU_encoded_addr udata4", [0xf1, 0x03, 1, 0, 0, 0], [], 1),
    // At offset 3 of a section at 0x2000.
    ("GNU_encoded_addr pcrel", [0xf1, 0x1b, 1, 0, 0, 0], [], 0x2004),
    ("GNU_encoded_addr indirect", [0xf1, 0x83, 0x34, 0x12, 0, 0], [], 0x3b3a_3938_3736_3534),
  ]

  @Test(arguments: cases.indices) func everyOperationComputes(_ index: Int) throws {
    let (name, bytes, stack, expected) = Self.cases[index]
    #expect(
      try evaluate(bytes, initial: stack.map { UInt64(bitPattern: $0) }) == UInt64(bitPattern: expected), "\(name)")
    // The same with the stack made by operations.
    #expect(try evaluate(stack.flatMap(Self.number) + bytes) == UInt64(bitPattern: expected), "\(name)")
    // What takes values takes no fewer: without the lowest the stack is too short.
    if !stack.isEmpty, !["skip to the end", "nop", "drop"].contains(name), name.split(separator: " ").count == 1 {
      let short = stack.dropFirst().map { UInt64(bitPattern: $0) }
      let found = error(bytes, initial: short)
      #expect(
        found?.code == .expression && found?.text.contains("takes more values") == true, "\(name): \(found as Any)")
    }
  }

  @Test func theCFAIsThereOnceItIsKnown() throws {
    #expect(try evaluate([0x9c, 0x38, 0x1c], cfa: 0x7000) == 0x6ff8)
    #expect(error([0x9c])!.text == "DW_OP_call_frame_cfa uses the CFA where the CFA is being computed")
  }

  @Test func aLinkageTablesCFAIsComputed() throws {
    // rsp + 8 + ((rip & 15) >= 11) * 8, with rip 0x10000.
    let plt: [UInt8] = [0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22]
    #expect(try evaluate(plt) == 0x7008)
    var late = plt
    late[3] = 11
    #expect(try evaluate(late) == 0x7010)
  }

  @Test func registersAsLocationsHaveAnErrorOfTheirOwn() {
    #expect(
      error([0x57, 0x06, 0x23, 0x38])! == (
        .registerLocation, 0,
        "DW_OP_reg7 names a register as a location where a value is needed; DW_OP_breg7 0 is its value"
      ))
    for code: UInt8 in 0x50...0x6f { #expect(error([code])?.code == .registerLocation) }
    #expect(
      error([0x96, 0x90, 40])! == (
        .registerLocation, 1,
        "DW_OP_regx names a register as a location where a value is needed; DW_OP_bregx 40 0 is its value"
      ))
  }

  @Test func whatCannotBeComputedIsRefusedByName() {
    let refused: [([UInt8], String)] = [
      ([0x18], "xderef"), ([0x91, 0], "fbreg"), ([0x93, 1], "piece"), ([0x95, 1], "xderef_size"),
      ([0x97], "push_object_address"), ([0x98, 0, 0], "call2"), ([0x99, 0, 0, 0, 0], "call4"),
      ([0x9a, 0, 0, 0, 0], "call_ref"), ([0x9b], "form_tls_address"), ([0x9d, 1, 1], "bit_piece"),
      ([0x9e, 1, 0], "implicit_value"), ([0x9f], "stack_value"), ([0xa0, 0, 0, 0, 0, 0], "implicit_pointer"),
      ([0xa1, 0], "addrx"), ([0xa2, 0], "constx"), ([0xa3, 1, 0x30], "entry_value"), ([0xa4, 0, 1, 0], "const_type"),
      ([0xa5, 0, 0], "regval_type"), ([0xa6, 1, 0], "deref_type"), ([0xa7, 1, 0], "xderef_type"),
      ([0xa8, 0], "convert"),
      ([0xa9, 0], "reinterpret"), ([0xe0], "GNU_push_tls_address"), ([0xf0], "GNU_uninit"),
      ([0xf2, 0, 0, 0, 0, 0], "GNU_implicit_pointer"), ([0xf3, 1, 0x30], "GNU_entry_value"),
      ([0xf4, 0, 1, 0], "GNU_const_type"), ([0xf5, 0, 0], "GNU_regval_type"), ([0xf6, 1, 0], "GNU_deref_type"),
      ([0xf7, 0], "GNU_convert"), ([0xf9, 0], "GNU_reinterpret"), ([0xfa, 0, 0, 0, 0], "GNU_parameter_ref"),
      ([0xfb, 0], "GNU_addr_index"), ([0xfc, 0], "GNU_const_index"), ([0xfd, 0, 0, 0, 0], "GNU_variable_value"),
    ]
    for (bytes, name) in refused {
      let found = error([0x31, 0x32] + bytes)
      #expect(found?.code == .expression && found?.offset == 2, "\(name)")
      #expect(found?.text.hasPrefix("DW_OP_\(name) ") == true, "\(name): \(found?.text ?? "")")
    }
  }

  @Test func everyDefinedOperationIsEvaluatedOrRefused() {
    let evaluated = Set(Self.cases.map { $0.1[0] }).union([0x9c])
    for code in UInt8.min...UInt8.max {
      let known = OperationCode(rawValue: code)
      guard known.name != nil else {
        #expect(error([code])?.code == .unsupported)
        continue
      }
      let operands: [UInt8] = code == 0xf1 ? [0x03, 0, 0, 0, 0] : [1, 0, 0, 0, 0, 0, 0, 0]
      let found = error([0x31, 0x32, 0x33, code] + operands)
      let isRefused =
        found.map {
          $0.code == .registerLocation || $0.text.contains(" needs ")
            || $0.text.contains(" describes ") || $0.text.contains("address space")
        } ?? false
      let isOneOfMany = (0x30...0x4f).contains(code) || (0x70...0x8f).contains(code)
      #expect(isRefused != (evaluated.contains(code) || isOneOfMany), "\(known): \(found as Any)")
    }
  }

  @Test func faultsAreErrorsWithAPlace() {
    #expect(error([])!.text == "the expression leaves its stack empty")
    #expect(error([0x31, 0x13])!.offset == 1)
    #expect(error([0x31, 0x30, 0x1b])! == (.expression, 2, "DW_OP_div divides by zero"))
    #expect(error([0x31, 0x30, 0x1d])! == (.expression, 2, "DW_OP_mod divides by zero"))
    #expect(
      error([0x0e] + SectionBytes.little(UInt64.max) + [0x06])! == (
        .expression, 9, "DW_OP_deref reads 8 bytes at 0xffffffffffffffff, which cannot be read"
      ))
    #expect(error([0x92, 100, 0])! == (.expression, 0, "DW_OP_bregx reads register 100, whose value is not known"))
    #expect(error([0x92] + SectionBytes.uleb(70000) + [0])!.text.contains("register 70000"))
    #expect(error([0x31, 0x94, 9])! == (.expression, 1, "DW_OP_deref_size reads 9 bytes, expected 1 to 8"))
    #expect(error([0x31, 0x94, 0])?.code == .expression)
    #expect(error([0x2f, 1, 0])! == (.expression, 0, "DW_OP_skip jumps out of its expression, by 1 bytes"))
    #expect(error([0x31, 0x28, 0xfb, 0xff])! == (.expression, 1, "DW_OP_bra jumps out of its expression, by -5 bytes"))
    #expect(error([0x0a, 1])?.code == .truncated)
    #expect(error([0xff])! == (.unsupported, 0, "operation 0xff, which is none known here"))
  }

  @Test func loopsAndStacksAreBounded() {
    #expect(error([0x2f, 0xfd, 0xff])! == (.limit, 0, "more than 65536 operations executed"))
    #expect(error([0x31, 0x2f, 0xfc, 0xff])?.code == .limit)
    #expect(error([UInt8](repeating: 0x31, count: 1025))! == (.limit, 1024, "more than 1024 values on the stack"))
    #expect(error([UInt8](repeating: 0x31, count: 1024)) == nil)
  }

  @Test func loopsThatEndAreComputed() throws {
    // 10, then: minus 1, branch back while not zero.
    #expect(try evaluate([0x35, 0x3a, 0x31, 0x1c, 0x12, 0x28, 0xfa, 0xff, 0x13]) == 5)
  }
}
