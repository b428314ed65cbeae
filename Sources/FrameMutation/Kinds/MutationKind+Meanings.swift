// Directives with other operands.
extension MutationKind {
  static let cfaChanges: [MutationKind] = [
    cfaOffset("cfa-offset-plus-8", "the CFA's offset is 8 too large") { $0 + 8 },
    cfaOffset("cfa-offset-minus-8", "the CFA's offset is 8 too small") { $0 >= 8 ? $0 - 8 : nil },
    cfaOffset("cfa-offset-plus-16", "the CFA's offset is 16 too large") { $0 + 16 },
    cfaOffset("cfa-offset-minus-16", "the CFA's offset is 16 too small") { $0 >= 16 ? $0 - 16 : nil },
    cfaOffset("cfa-offset-large", "the CFA's offset is 4096 too large") { $0 + 4096 },
    cfaOffset("cfa-offset-factored", "the CFA's offset is divided by 8, as if it were factored") { $0 / 8 },
    cfaOffset("cfa-offset-unfactored", "the CFA's offset is multiplied by 8") { $0 > 0 ? $0 * 8 : nil },
    MutationKind("cfa-offset-sign", .semantic, "the CFA's offset has the other sign") { site in
      site.directives.compactMap { index, directive in
        switch directive.operation {
        case .defineCFAOffset(let offset) where offset > 0 && offset % 8 == 0:
          site.replacing(index, by: [.defineCFAOffsetSigned(factored: Int64(offset / 8))])
        case .defineCFA(let register, let offset) where offset > 0 && offset % 8 == 0:
          site.replacing(index, by: [.defineCFASigned(register: register, factored: Int64(offset / 8))])
        default: nil
        }
      }
    },
    MutationKind("cfa-register-swapped", .semantic, "the CFA is computed from rbp in place of rsp, or the other way") {
      site in
      site.directives.compactMap { index, directive in
        switch directive.operation {
        case .defineCFA(let register, let offset) where register == 6 || register == 7:
          site.replacing(index, by: [.defineCFA(register: 13 - register, offset: offset)])
        case .defineCFARegister(let register) where register == 6 || register == 7:
          site.replacing(index, by: [.defineCFARegister(13 - register)])
        default: nil
        }
      }
    },
    MutationKind("cfa-register-other", .semantic, "the CFA is computed from rbx, r10 or r12") { site in
      site.directives.flatMap { index, directive -> [Mutation] in
        [UInt16](arrayLiteral: 3, 10, 12).compactMap { other -> Mutation? in
          switch directive.operation {
          case .defineCFA(let register, let offset) where register != other:
            site.replacing(index, by: [.defineCFA(register: other, offset: offset)])
          case .defineCFARegister(let register) where register != other:
            site.replacing(index, by: [.defineCFARegister(other)])
          default: nil
          }
        }
      }
    },
    MutationKind("def-cfa-for-offset", .semantic, "a def_cfa_offset becomes a def_cfa of rbp or rbx") { site in
      site.directives.flatMap { index, directive -> [Mutation] in
        guard case .defineCFAOffset(let offset) = directive.operation else { return [] }
        return [UInt16](arrayLiteral: 6, 3).filter { site.state(before: index).cfaRegister != $0 }.map {
          site.replacing(index, by: [.defineCFA(register: $0, offset: offset)])
        }
      }
    },
    MutationKind("cfa-expression-for-register", .semantic, "the CFA is what lies in memory where it should be") {
      site in
      site.directives.compactMap { index, directive in
        guard case .defineCFAOffset(let offset) = directive.operation,
          let register = site.state(before: index).cfaRegister, register < 32
        else { return nil }
        var block: [UInt8] = [0x70 + UInt8(register)]
        block.append(sleb: Int64(clamping: offset))
        return site.replacing(index, by: [.defineCFAExpression(block + [0x06])])
      }
    },
  ]

  /// A kind that changes the bytes that are added to the CFA's register.
  private static func cfaOffset(
    _ id: String, _ summary: String, _ change: @escaping @Sendable (UInt64) -> UInt64?
  ) -> MutationKind {
    MutationKind(id, .semantic, summary) { site in
      site.directives.compactMap { index, directive in
        switch directive.operation {
        case .defineCFAOffset(let offset):
          change(offset).map { site.replacing(index, by: [.defineCFAOffset($0)]) }
        case .defineCFA(let register, let offset):
          change(offset).map { site.replacing(index, by: [.defineCFA(register: register, offset: $0)]) }
        default: nil
        }
      }
    }
  }

  static let saveChanges: [MutationKind] = [
    saveSlot("save-slot-plus-8", "a save slot is 8 bytes higher") { $0 - 1 },
    saveSlot("save-slot-minus-8", "a save slot is 8 bytes lower") { $0 + 1 },
    saveSlot("save-slot-plus-16", "a save slot is 16 bytes higher") { $0 - 2 },
    saveSlot("save-slot-minus-16", "a save slot is 16 bytes lower") { $0 + 2 },
    saveSlot("save-slot-sign", "a save slot is as far on the other side of the CFA") { -$0 },
    saveSlot("save-slot-far", "a save slot is 512 bytes lower") { $0 + 64 },
    saveSlot("save-slot-unfactored", "a save slot's offset is factored twice") { $0 * 8 },
    MutationKind("save-slots-swapped", .semantic, "two registers have each other's save slot") { site in
      zip(site.saves, site.saves.dropFirst()).filter { $0.register != $1.register }.map { first, second in
        site.changing("save slots of registers \(first.register) and \(second.register) swapped") { fde in
          fde.directives[first.index].operation = .offset(first.register, factored: second.factored)
          fde.directives[second.index].operation = .offset(second.register, factored: first.factored)
        }
      }
    },
    MutationKind("save-register-other", .semantic, "a save slot is said to be of another callee-saved register") {
      site in
      site.saves.flatMap { save in
        MutationSite.calleeSaved.filter { other in !site.saves.contains { $0.register == other } }.prefix(2).map {
          site.replacing(save.index, by: [.offset($0, factored: save.factored)])
        }
      }
    },
    rule("save-to-undefined", "a saved register is said to be lost") { register, _ in .undefined(register) },
    rule("save-to-same-value", "a saved register is said to be unchanged") { register, _ in .sameValue(register) },
    rule("save-to-register", "a saved register is said to be in rax") { register, _ in .register(register, 0) },
    rule("save-to-val-offset", "a saved register is said to be the address of its slot") { register, factored in
      .valueOffset(register, factored: factored)
    },
    rule("save-to-expression", "a saved register is said to be what its slot points to") { register, factored in
      var block: [UInt8] = [0x11]
      block.append(sleb: -8 * factored)
      return .expression(register, block + [0x22, 0x06])
    },
    MutationKind("restore-early", .semantic, "a register is said to be restored right behind the prologue") { site in
      guard let end = site.prologueEnd, let later = site.boundary(1, from: end) else { return [] }
      return site.saves.filter { site.record.directives[$0.index].location <= end }.map {
        site.adding([.restore($0.register)], at: later)
      }
    },
  ]

  private static func saveSlot(
    _ id: String, _ summary: String, _ change: @escaping @Sendable (Int64) -> Int64
  ) -> MutationKind {
    rule(id, summary) { register, factored in .offset(register, factored: change(factored)) }
  }

  /// A kind that gives a register with a save slot another rule.
  private static func rule(
    _ id: String, _ summary: String, _ change: @escaping @Sendable (UInt16, Int64) -> FrameOperation
  ) -> MutationKind {
    MutationKind(id, .semantic, summary) { site in
      site.saves.map { site.replacing($0.index, by: [change($0.register, $0.factored)]) }
    }
  }
}
