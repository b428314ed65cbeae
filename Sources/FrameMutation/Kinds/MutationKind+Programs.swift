// Instructions and expressions that break the rules of their format.
extension MutationKind {
  static let programs: [MutationKind] = [
    MutationKind("program-truncated", .structural, "a record ends inside an instruction") { site in
      // What fills the record up has the bit that says that a number goes on.
      let programs: [[UInt8]] = [[0x0e], [0x0c, 0x07], [0x0f, 0x7f], [0x86], [0x10, 0x03]]
      return programs.map { bytes in
        site.changing("ends with \(bytes) and bytes that go on") { fde in
          fde.directives.append(Directive(at: fde.lastLocation, .raw(bytes + [0x80])))
          fde.padding = 0x80
        }
      }
    },
    adding("opcode-unknown", "an opcode is none", [[0x17], [0x3c], [0x30], [0x3f]]),
    adding("opcode-foreign", "an opcode is another machine's", [[0x2d], [0x2c], [0x1d, 1, 0, 0, 0, 0, 0, 0, 0]]),
    adding(
      "operand-too-long", "an operand has more than 64 bits", [[0x0e] + [UInt8](repeating: 0xff, count: 10) + [0x01]]),
    adding(
      "offset-too-large", "a factored offset does not fit into 64 bits",
      [
        [0x85 | 0x80] + [UInt8](repeating: 0xff, count: 9) + [0x00],
        [0x83] + [UInt8](repeating: 0xff, count: 8) + [0x7f],
      ]),
    adding(
      "register-outside", "a rule is for a register that is none",
      [
        [0x05, 0xc8, 0x01, 2], [0x07, 0x90, 0x03], [0x08, 0x85, 0x01],
      ]),
    adding("register-read-outside", "a rule reads a register that is none", [[0x09, 0x03, 0x96, 0x01]]),
    adding(
      "cfa-register-outside", "the CFA is computed from a register that is none",
      [[0x0c, 0x80, 0x02, 8], [0x0d, 0x3f]]),
    adding(
      "restore-without-remember", "a state is restored that was not remembered",
      [
        [UInt8](repeating: 0x0b, count: 8)
      ]),
    adding("remember-deep", "70 states are remembered", [[UInt8](repeating: 0x0a, count: 70)]),
    adding(
      "cfa-offset-of-expression", "the CFA's offset is changed where an expression computes it",
      [
        [0x0f, 2, 0x77, 8, 0x0e, 8], [0x0f, 2, 0x77, 8, 0x0d, 6],
      ]),
    adding("set-loc-back", "set_loc goes back", [[0x01, 0, 0, 0, 0x80]]),
    MutationKind("drop-remember-state", .structural, "a remember_state is left out, its restore_state is not") { site in
      statePairs(site).map { site.removing([$0.remember]) }
    },
    MutationKind("advance-past-end", .structural, "a row begins beyond the end of the FDE") { site in
      [1, 0x100, 0x10000].map { distance in
        site.changing("a row \(distance) bytes behind the end") { fde in
          fde.directives.append(Directive(at: fde.end + distance, .defineCFA(register: 7, offset: 8)))
        }
      }
    },
  ]

  static let expressions: [MutationKind] = [
    expression(
      "expression-underflow", "an expression takes more from its stack than there is",
      [
        [0x22], [0x13, 0x13, 0x31], [0x77, 0, 0x1e], [0x31, 0x14, 0x22], [0x31, 0x17],
      ]),
    expression("expression-empty", "an expression leaves nothing", [[], [0x77, 0, 0x13, 0x96], [0x31, 0x13]]),
    expression(
      "expression-truncated", "an expression ends inside an operand",
      [
        [0x77], [0x77, 0x80], [0x31, 0x23], [0x0a, 1], [0x03, 1, 2, 3], [0x31, 0x2f, 1],
      ]),
    expression(
      "expression-operator", "an expression has an operator that is none",
      [
        [0x31, 0x01], [0x02], [0x07, 0x31], [0x77, 0, 0xe5], [0x31, 0xb0],
      ]),
    expression(
      "expression-forbidden", "an expression has an operator that call frame information may not have",
      [
        [0x9c], [0x97], [0x98, 0, 0, 0x31], [0x91, 0],
      ]),
    expression(
      "expression-location", "an expression names a register, not its value",
      [
        [0x57], [0x50], [0x90, 0x07], [0x31, 0x93, 8], [0x31, 0x9f],
      ]),
    expression(
      "expression-register-outside", "an expression reads a register that is none",
      [
        [0x81, 0], [0x8f, 0], [0x92, 0x40, 0],
      ]),
    expression(
      "expression-jump-out", "an expression jumps out of itself or into an operand",
      [
        [0x31, 0x2f, 0x40, 0], [0x31, 0x2f, 0xf0, 0xff], [0x31, 0x31, 0x28, 0x20, 0], [0x2f, 1, 0, 0x23, 8, 0x31],
      ]),
    expression("expression-endless", "an expression never ends", [[0x31, 0x2f, 0xfd, 0xff]]),
    expression(
      "expression-deref-size", "an expression reads a number of bytes that no operator reads",
      [
        [0x77, 0, 0x94, 0], [0x77, 0, 0x94, 9],
      ]),
  ]

  /// A kind that adds bytes to the instructions, behind the prologue.
  private static func adding(_ id: String, _ summary: String, _ programs: [[UInt8]]) -> MutationKind {
    MutationKind(id, .structural, summary) { site in
      programs.map { bytes in site.adding([.raw(bytes)], at: site.record.lastLocation) }
    }
  }

  /// A kind that adds a broken expression for the CFA.
  private static func expression(_ id: String, _ summary: String, _ blocks: [[UInt8]]) -> MutationKind {
    MutationKind(id, .structural, summary) { site in
      blocks.map { site.adding([.defineCFAExpression($0)], at: site.record.lastLocation) }
    }
  }
}

extension EditableFDE {
  /// Where its last directive acts.
  var lastLocation: UInt64 { directives.last?.location ?? start }
}
