// Rules and rows that say what is not so.
extension MutationKind {
  static let bogusRules: [MutationKind] = [
    bogus("bogus-offset", "a register that keeps its value is said to be saved") { .offset($0, factored: 3) },
    bogus("bogus-undefined", "a register that keeps its value is said to be lost") { .undefined($0) },
    bogus("bogus-register", "a register that keeps its value is said to be in rax") { .register($0, 0) },
    bogus("bogus-val-offset", "a register that keeps its value is said to be the CFA") {
      .valueOffset($0, factored: 0)
    },
    bogus("bogus-expression", "a register that keeps its value is said to be saved where rsp points") {
      .expression($0, [0x77, 0])
    },
    bogus("bogus-val-expression", "a register that keeps its value is said to be rsp") {
      .valueExpression($0, [0x77, 0])
    },
    MutationKind("return-address-slot", .semantic, "the return address is said to be 8 bytes lower or higher") { site in
      site.places.flatMap { place in
        [2, 0].map { site.adding([.offset(16, factored: $0)], at: place) }
      }
    },
    MutationKind("return-address-register", .semantic, "the return address is said to be in rbx") { site in
      site.places.map { site.adding([.register(16, 3)], at: $0) }
    },
    MutationKind("return-address-undefined", .semantic, "the frame is said to be outermost") { site in
      site.places.map { site.adding([.undefined(16)], at: $0) }
    },
    MutationKind("return-address-value", .semantic, "the return address is said to be its slot's address") { site in
      site.places.map { site.adding([.valueOffset(16, factored: 1)], at: $0) }
    },
    MutationKind("stack-pointer-rule", .semantic, "the caller's rsp is said to be 8 above the CFA") { site in
      site.places.map { site.adding([.valueOffset(7, factored: -1)], at: $0) }
    },
  ]

  private static func bogus(
    _ id: String, _ summary: String, _ rule: @escaping @Sendable (UInt16) -> FrameOperation
  ) -> MutationKind {
    MutationKind(id, .semantic, summary) { site in
      guard let register = site.unsaved else { return [] }
      return site.places.map { site.adding([rule(register)], at: $0) }
    }
  }

  static let rows: [MutationKind] = [
    MutationKind("row-of-previous", .semantic, "a row says what the one before it says") { site in
      site.states.indices.dropFirst().map { index in
        site.restating(index) { $0[index].state = $0[index - 1].state }
      }
    },
    MutationKind("row-of-next", .semantic, "a row says what the one behind it says") { site in
      site.states.indices.dropLast().map { index in
        site.restating(index) { $0[index].state = $0[index + 1].state }
      }
    },
    MutationKind("row-of-entry", .semantic, "a row says what the first one says") { site in
      site.states.indices.dropFirst().map { index in
        site.restating(index) { $0[index].state = $0[0].state }
      }
    },
    MutationKind("row-cfa-of-entry", .semantic, "a row has the CFA of the first one") { site in
      site.states.indices.dropFirst().map { index in
        site.restating(index) { $0[index].state.cfa = $0[0].state.cfa }
      }
    },
    MutationKind("row-rules-of-entry", .semantic, "a row has the registers' rules of the first one") { site in
      site.states.indices.dropFirst().map { index in
        site.restating(index) { $0[index].state.rules = $0[0].state.rules }
      }
    },
    MutationKind("row-cfa-of-previous", .semantic, "a row has the CFA of the one before it") { site in
      site.states.indices.dropFirst().map { index in
        site.restating(index) { $0[index].state.cfa = $0[index - 1].state.cfa }
      }
    },
    MutationKind("row-rules-of-next", .semantic, "a row has the registers' rules of the one behind it") { site in
      site.states.indices.dropLast().map { index in
        site.restating(index) { $0[index].state.rules = $0[index + 1].state.rules }
      }
    },
    MutationKind("rows-swapped", .semantic, "two rows are swapped") { site in
      site.states.indices.dropFirst().map { index in
        site.restating(index) { states in
          let state = states[index].state
          states[index].state = states[index - 1].state
          states[index - 1].state = state
        }
      }
    },
    MutationKind("wrong-state-restored", .semantic, "restore_state restores the state before the one remembered") {
      site in
      statePairs(site).compactMap { pair in
        let location = site.record.directives[pair.restore].location
        let right = site.state(before: pair.remember)
        guard let place = site.states.firstIndex(where: { $0.location == location }),
          let wrong = site.states.last(where: {
            $0.location < site.record.directives[pair.remember].location && $0.state != right
          })
        else { return nil }
        return site.restating(place) { $0[place].state = wrong.state }
      }
    },
    MutationKind("register-restored-in-row", .semantic, "one row forgets one register's save slot") { site in
      site.states.indices.flatMap { index in
        site.states[index].state.rules.keys.filter { MutationSite.calleeSaved.contains($0) }.sorted().map { register in
          site.restating(index) { $0[index].state.rules[register] = nil }
        }
      }
    },
    MutationKind("register-slot-in-row", .semantic, "one row has one register's save slot 8 bytes lower") { site in
      site.states.indices.flatMap { index in
        site.states[index].state.rules.sorted { $0.key < $1.key }.compactMap { register, rule in
          guard case .offset(_, let factored) = rule, MutationSite.calleeSaved.contains(register) else { return nil }
          return site.restating(index) { $0[index].state.rules[register] = .offset(register, factored: factored + 1) }
        }
      }
    },
    MutationKind("cfa-offset-in-row", .semantic, "one row has the CFA 8 bytes higher") { site in
      site.states.indices.compactMap { index in
        guard case .defineCFA(let register, let offset) = site.states[index].state.cfa else { return nil }
        return site.restating(index) { $0[index].state.cfa = .defineCFA(register: register, offset: offset + 8) }
      }
    },
  ]
}

extension MutationSite {
  /// Where rules are added: at the start, where the frame is built, and where each row begins behind that.
  var places: [UInt64] {
    states.map(\.location).filter { $0 < record.end }
  }

  /// A mutation of one row.
  func restating(_ index: Int, _ change: (inout [LocatedState]) -> Void) -> Mutation {
    var changed = states
    change(&changed)
    return restating(changed, "row \(index) of \(states.count), at 0x\(String(states[index].location, radix: 16))")
  }
}
