internal import Instructions

// FDEs of other addresses, CIEs and expressions of another meaning.
extension MutationKind {
  static let ranges: [MutationKind] = [
    MutationKind("range-shorter", .semantic, "an FDE ends before its last instruction") { site in
      guard site.instructions.count > 1, let last = site.instructions.last else { return [] }
      return [site.changing("ends at 0x\(String(last.address, radix: 16))") { $0.cut(to: last.address) }]
    },
    MutationKind("range-half", .semantic, "an FDE ends in the middle of its function") { site in
      guard site.instructions.count > 3 else { return [] }
      let middle = site.instructions[site.instructions.count / 2].address
      return [site.changing("ends at 0x\(String(middle, radix: 16))") { $0.cut(to: middle) }]
    },
    MutationKind("range-longer", .semantic, "an FDE ends 16 bytes late") { site in
      [site.changing("16 bytes longer") { $0.size += 16 }]
    },
    MutationKind("start-later", .semantic, "an FDE begins with the second instruction, its directives where they were")
    { site in
      site.boundary(1, from: site.record.start).map { second in
        [
          site.changing("begins at 0x\(String(second, radix: 16))") { fde in
            fde.size -= second - fde.start
            fde.start = second
            for index in fde.directives.indices {
              fde.directives[index].location = max(second, fde.directives[index].location)
            }
          }
        ]
      } ?? []
    },
    MutationKind("start-earlier", .semantic, "an FDE begins 16 bytes early, its directives where they were") { site in
      [
        site.changing("begins 16 bytes earlier") { fde in
          fde.start -= 16
          fde.size += 16
        }
      ]
    },
    MutationKind("start-shifted", .semantic, "an FDE and all its rows lie one byte later") { site in
      [
        site.changing("shifted by a byte") { fde in
          fde.start += 1
          for index in fde.directives.indices { fde.directives[index].location += 1 }
        }
      ]
    },
  ]

  static let cieMeanings: [MutationKind] = [
    MutationKind("cie-cfa-plus-8", .semantic, "the first row has the CFA at rsp+16") { site in
      [site.changingCIE("CFA = rsp+16") { $0.operations.replaceCFA(.defineCFA(register: 7, offset: 16)) }]
    },
    MutationKind("cie-cfa-minus-8", .semantic, "the first row has the CFA at rsp+0") { site in
      [site.changingCIE("CFA = rsp+0") { $0.operations.replaceCFA(.defineCFA(register: 7, offset: 0)) }]
    },
    MutationKind("cie-cfa-register", .semantic, "the first row has the CFA at rbp+8") { site in
      [site.changingCIE("CFA = rbp+8") { $0.operations.replaceCFA(.defineCFA(register: 6, offset: 8)) }]
    },
    MutationKind("cie-return-address", .semantic, "all rows have the return address 16 below the CFA") { site in
      [site.changingCIE("return address at CFA-16") { $0.operations.replaceRule(.offset(16, factored: 2)) }]
    },
    MutationKind("cie-data-alignment-sign", .semantic, "the data alignment factor is 8") { site in
      [site.changingCIE("data alignment 8") { $0.dataAlignment = 8 }]
    },
    MutationKind("cie-data-alignment-4", .semantic, "the data alignment factor is -4") { site in
      [site.changingCIE("data alignment -4") { $0.dataAlignment = -4 }]
    },
    MutationKind("cie-code-alignment", .semantic, "the code alignment factor is 2") { site in
      site.groups.isEmpty ? [] : [site.changingCIE("code alignment 2") { $0.codeAlignment = 2 }]
    },
    MutationKind("cie-return-column", .semantic, "the return address column is rbx's or rax's") { site in
      [0, 3].map { column in site.changingCIE("return column \(column)") { $0.returnAddressRegister = column } }
    },
    MutationKind("cie-extra-rule", .semantic, "all rows have rbx saved below the return address") { site in
      guard let register = site.unsaved else { return [] }
      return [
        site.changingCIE("register \(register) at CFA-16") { $0.operations.append(.offset(register, factored: 2)) }
      ]
    },
    MutationKind("signal-frame-added", .semantic, "a function is said to be a signal frame") { site in
      guard !site.cie.has("S"), site.cie.augmentation.first == UInt8(ascii: "z") else { return [] }
      return [site.changingCIE("signal frame") { $0.augmentation.append(UInt8(ascii: "S")) }]
    },
    MutationKind("signal-frame-dropped", .semantic, "a signal frame is said to be a function") { site in
      guard site.cie.has("S") else { return [] }
      return [site.changingCIE("no signal frame") { $0.augmentation.removeAll { $0 == UInt8(ascii: "S") } }]
    },
  ]

  static let expressionMeanings: [MutationKind] = [
    expression("expression-deref-added", "an expression reads memory where its value was meant") { $0 + [0x06] },
    expression("expression-deref-dropped", "an expression does not read memory at its end") {
      $0.last == 0x06 ? $0.dropLast() : nil
    },
    expression("expression-plus-8", "an expression's value is 8 larger") { $0 + [0x23, 8] },
    expression("expression-register", "an expression begins with another register") { block in
      guard let first = block.first, (0x70...0x80).contains(first) else { return nil }
      return [first == 0x76 ? 0x77 : 0x76] + block.dropFirst()
    },
    expression("expression-constant", "the operand of an expression's first operator is changed") { block in
      guard block.count > 1, (0x70...0x80).contains(block[0]) else { return nil }
      return [block[0], block[1] ^ 8] + block.dropFirst(2)
    },
    expression("expression-compare", "an expression compares the other way") { block in
      // DW_OP_ge and DW_OP_lt: entries of linkage tables have one.
      let changed = block.map { $0 == 0x2a ? 0x2d as UInt8 : $0 }
      return changed == block ? nil : changed
    },
    expression("expression-shift", "an expression shifts by another number") { block in
      // DW_OP_lit3 before DW_OP_shl.
      guard let place = block.indices.dropLast().first(where: { block[$0] == 0x33 && block[$0 + 1] == 0x24 }) else {
        return nil
      }
      return block.prefix(place) + [0x34] + block.suffix(from: place + 1)
    },
    MutationKind(
      "expression-location-value", .semantic, "an expression is taken for the value, not its address, or the other way"
    ) { site in
      site.directives.compactMap { index, directive in
        switch directive.operation {
        case .expression(let register, let block): site.replacing(index, by: [.valueExpression(register, block)])
        case .valueExpression(let register, let block): site.replacing(index, by: [.expression(register, block)])
        default: nil
        }
      }
    },
  ]

  /// A kind that changes the bytes of expressions, soundly.
  private static func expression(
    _ id: String, _ summary: String, _ change: @escaping @Sendable ([UInt8]) -> [UInt8]?
  ) -> MutationKind {
    MutationKind(id, .semantic, summary) { site in
      site.directives.compactMap { index, directive in
        switch directive.operation {
        case .defineCFAExpression(let block):
          change(block).map { site.replacing(index, by: [.defineCFAExpression($0)]) }
        case .expression(let register, let block):
          change(block).map { site.replacing(index, by: [.expression(register, $0)]) }
        case .valueExpression(let register, let block):
          change(block).map { site.replacing(index, by: [.valueExpression(register, $0)]) }
        default: nil
        }
      }
    }
  }
}

extension EditableFDE {
  /// Ends it at an address, with the directives up to there.
  fileprivate mutating func cut(to end: UInt64) {
    size = end - start
    directives.removeAll { $0.location >= end }
  }
}

extension [FrameOperation] {
  /// Puts an operation in the place of the one that defines the CFA.
  mutating func replaceCFA(_ operation: FrameOperation) {
    removeAll { $0.definesCFA }
    insert(operation, at: 0)
  }

  /// Puts an operation in the place of those that give its register a rule.
  mutating func replaceRule(_ operation: FrameOperation) {
    removeAll { $0.ruledRegister == operation.ruledRegister }
    append(operation)
  }
}
