// Directives that are not there, or there twice.
extension MutationKind {
  /// A kind that drops single directives.
  private static func dropping(
    _ id: String, _ summary: String, where isDropped: @escaping @Sendable (FrameOperation) -> Bool
  ) -> MutationKind {
    MutationKind(id, .semantic, summary) { site in
      site.directives.filter { isDropped($0.directive.operation) }.map { site.removing([$0.index]) }
    }
  }

  static let drops: [MutationKind] = [
    dropping("drop-def-cfa-offset", "a def_cfa_offset is left out") {
      if case .defineCFAOffset = $0 { true } else { false }
    },
    dropping("drop-def-cfa-register", "a def_cfa_register is left out") {
      if case .defineCFARegister = $0 { true } else { false }
    },
    dropping("drop-def-cfa", "a def_cfa is left out") {
      if case .defineCFA = $0 { true } else { false }
    },
    dropping("drop-offset", "a register's save slot is left out") {
      if case .offset = $0 { true } else { false }
    },
    dropping("drop-restore", "a restore is left out") {
      if case .restore = $0 { true } else { false }
    },
    dropping("drop-restore-state", "a restore_state is left out, the state remembered for nothing") {
      $0 == .restoreState
    },
    dropping("drop-expression", "a register's expression is left out") {
      switch $0 {
      case .expression, .valueExpression: true
      default: false
      }
    },
    dropping("drop-def-cfa-expression", "the expression of a CFA is left out") {
      if case .defineCFAExpression = $0 { true } else { false }
    },
    MutationKind("drop-state-pair", .semantic, "a remember_state and its restore_state are left out") { site in
      statePairs(site).map { site.removing([$0.remember, $0.restore]) }
    },
    MutationKind("drop-location", .semantic, "all directives of one instruction are left out") { site in
      site.groups.filter { $0.count > 1 }.compactMap { group in
        isBalanced(group, site) ? site.removing(group) : nil
      }
    },
    MutationKind("drop-all", .semantic, "all directives are left out") { site in
      site.record.directives.isEmpty ? [] : [site.removing(Array(site.record.directives.indices))]
    },
    MutationKind("drop-behind-prologue", .semantic, "all directives behind the prologue are left out") { site in
      guard let end = site.prologueEnd else { return [] }
      let later = site.directives.filter { $0.directive.location > end }.map(\.index)
      return later.isEmpty ? [] : [site.removing(later)]
    },
    MutationKind("drop-epilogue", .semantic, "the directives of one epilogue are left out") { site in
      epilogues(site).map { site.removing($0) }
    },
    MutationKind("apply-twice", .semantic, "a change of the CFA's offset is made twice") { site in
      site.directives.compactMap { index, directive in
        guard case .defineCFAOffset(let offset) = directive.operation,
          let before = site.state(before: index).cfaOffset, before != offset, 2 * offset > before
        else { return nil }
        return site.replacing(index, by: [.defineCFAOffset(2 * offset - before)])
      }
    },
  ]

  /// Which restore_state restores which remember_state, by index.
  static func statePairs(_ site: MutationSite) -> [(remember: Int, restore: Int)] {
    var open: [Int] = []
    var result: [(remember: Int, restore: Int)] = []
    for (index, directive) in site.directives {
      if directive.operation == .rememberState { open.append(index) }
      if directive.operation == .restoreState, let remember = open.popLast() { result.append((remember, index)) }
    }
    return result
  }

  private static func isBalanced(_ indices: [Int], _ site: MutationSite) -> Bool {
    indices.allSatisfy { index in
      let operation = site.record.directives[index].operation
      return operation != .rememberState && operation != .restoreState
    }
  }

  /// Directives that shrink the frame one after another, each run by its indices.
  private static func epilogues(_ site: MutationSite) -> [[Int]] {
    var result: [[Int]] = []
    var run: [Int] = []
    for (index, directive) in site.directives {
      let before = site.state(before: index)
      let shrinks: Bool
      switch directive.operation {
      case .defineCFAOffset(let offset): shrinks = before.cfaOffset.map { offset < $0 } ?? false
      case .defineCFA(7, _): shrinks = before.cfaRegister != 7
      case .restore: shrinks = true
      default: shrinks = false
      }
      if shrinks {
        run.append(index)
      } else {
        if run.count > 1 { result.append(run) }
        run = []
      }
    }
    return run.count > 1 ? result + [run] : result
  }
}
