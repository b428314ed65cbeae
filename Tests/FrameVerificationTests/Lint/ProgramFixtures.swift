import FrameVerification

extension LintFixture {
  static let programs: [LintFixture] = [
    LintFixture("cfa-opcode", "0x3f", program: [0x41, 0x3f]),
    LintFixture("cfa-opcode", "DW_CFA_GNU_window_save", program: [0x41, 0x2d]),
    LintFixture("cfa-operand", "expression longer than the FDE", program: [0x41, 0x0f, 100, 0x77, 0]),
    LintFixture(
      "cfa-operand", "offset of 64 bits",
      program: [0x41, 0x86, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]),
    LintFixture("cfa-misplaced", "advance in a CIE") { image in
      image.frames.cie(FrameBytes.entryRules + [0x41])
      image.frames.fde(FixtureImage.function(0))
      image.frames.fde(FixtureImage.function(1))
    },
    LintFixture("cfa-misplaced", "restore in a CIE") { image in
      image.frames.cie(FrameBytes.entryRules + [0xc6])
      image.frames.fde(FixtureImage.function(0))
      image.frames.fde(FixtureImage.function(1))
    },
    LintFixture("cfa-misplaced", "offset of an expression", program: [0x41, 0x0f, 2, 0x77, 16, 0x41, 0x0e, 24]),
    LintFixture("cfa-not-defined", "simple, offset alone") { image in
      image.describeAll()
      image.functions = 3
      image.frames.cie([0x90, 1])
      image.frames.fde(FixtureImage.function(2), [0x0e, 0])
    },
    LintFixture("cfa-not-defined", "simple, nothing") { image in
      image.describeAll()
      image.functions = 3
      image.frames.cie([0x90, 1])
      image.frames.fde(FixtureImage.function(2), [])
    },
    LintFixture("cfa-not-defined", "outermost frame", .note) { image in
      image.describeAll()
      image.functions = 3
      image.frames.cie([])
      image.frames.fde(FixtureImage.function(2), [0x07, 16])
    },
    LintFixture("return-address-rule", "simple, CFA alone") { image in
      image.describeAll()
      image.functions = 3
      image.frames.cie([0x0c, 7, 8])
      image.frames.fde(FixtureImage.function(2))
    },
    LintFixture("return-address-undefined", "after the first instruction", .warning, program: [0x41, 0x07, 16]),
    LintFixture("restore-without-remember", "at once", program: [0x41, 0x0b]),
    LintFixture("remember-without-restore", "at once", .note, program: [0x41, 0x0a]),
    LintFixture(
      "remember-depth", "65", .warning,
      program: [0x41] + [UInt8](repeating: 0x0a, count: 65) + [UInt8](repeating: 0x0b, count: 65)),
    LintFixture("advance-past-end", "by one", program: [0x51, 0x0e, 16]),
    LintFixture("advance-back", "to the first instruction") { image in
      image.frames.cie()
      image.frames.fde(FixtureImage.function(0))
      // The address of DW_CFA_set_loc is relative to its place, behind the header, advance and opcode.
      let place = FixtureImage.ehFrame + UInt64(image.frames.bytes.count) + 19
      let back = Encoded.little(UInt32(truncatingIfNeeded: FixtureImage.function(1).lowerBound &- place))
      image.frames.fde(FixtureImage.function(1), [0x41, 0x01] + back)
    },
    LintFixture("register-out-of-range", "xmm6 saved", .warning, program: [0x41, 0x97, 3]),
    LintFixture("register-out-of-range", "register 200 saved", program: [0x41, 0x05, 0xc8, 1, 3]),
    LintFixture("register-out-of-range", "CFA from register 40", program: [0x41, 0x0c, 40, 8]),
    LintFixture("register-out-of-range", "DW_OP_breg20", program: [0x41, 0x0f, 2, 0x84, 0]),
  ]

  static let expressions: [LintFixture] = [
    LintFixture("expression-operator", "0x05", expression: [0x77, 8, 0x05]),
    LintFixture("expression-forbidden", "DW_OP_call2", expression: [0x98, 0, 0]),
    LintFixture("expression-forbidden", "DW_OP_call_frame_cfa", expression: [0x9c]),
    LintFixture("expression-forbidden", "DW_OP_deref_size 9", expression: [0x77, 8, 0x94, 9]),
    LintFixture("expression-truncated", "DW_OP_plus_uconst without operand", expression: [0x77, 8, 0x23]),
    // DESIGN's classic switch: DW_OP_reg7; DW_OP_deref; DW_OP_plus_uconst 0x38.
    LintFixture("expression-location", "DW_OP_reg7 in a CFA", expression: [0x57, 0x06, 0x23, 0x38]),
    LintFixture("expression-location", "DW_OP_stack_value", expression: [0x77, 8, 0x9f]),
    LintFixture("expression-stack", "plus of one value", expression: [0x77, 8, 0x22]),
    LintFixture("expression-stack", "nothing left", expression: [0x77, 8, 0x13]),
    LintFixture("expression-stack", "empty", expression: []),
    LintFixture("expression-stack", "on one of two ways", expression: [0x77, 8, 0x30, 0x28, 1, 0, 0x12, 0x22]),
    LintFixture(
      "expression-stack", "a loop that takes", expression: [0x77, 8, 0x12, 0x12, 0x13, 0x31, 0x28, 0xfb, 0xff]),
    LintFixture("expression-jump", "out", expression: [0x77, 8, 0x2f, 1, 0]),
    LintFixture("expression-jump", "into an operand", expression: [0x2f, 1, 0, 0x77, 8]),
    LintFixture("expression-endless", "to itself", expression: [0x77, 8, 0x2f, 0xfd, 0xff]),
  ]
}
