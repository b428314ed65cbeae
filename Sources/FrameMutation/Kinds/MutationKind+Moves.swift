internal import Instructions

// Directives at another instruction than the one they follow.
extension MutationKind {
  static let moves: [MutationKind] = [
    single("move-earlier", "a directive acts one instruction earlier", by: -1),
    single("move-later", "a directive acts one instruction later", by: 1),
    single("move-earlier-several", "a directive acts three instructions earlier", by: -3),
    single("move-later-several", "a directive acts three instructions later", by: 3),
    group("move-row-earlier", "a row begins one instruction earlier", by: -1),
    group("move-row-later", "a row begins one instruction later", by: 1),
    group("move-row-earlier-several", "a row begins two instructions earlier", by: -2),
    group("move-row-later-several", "a row begins two instructions later", by: 2),
    MutationKind("move-all-later", .semantic, "all rows begin one instruction later") { shifted($0, by: 1) },
    MutationKind("move-all-earlier", .semantic, "all rows begin one instruction earlier") { shifted($0, by: -1) },
    MutationKind("advance-byte-more", .semantic, "a row begins one byte late, inside an instruction") { site in
      site.groups.compactMap { nudged($0, site, by: 1) }
    },
    MutationKind("advance-byte-less", .semantic, "a row begins one byte early, inside an instruction") { site in
      site.groups.compactMap { nudged($0, site, by: -1) }
    },
    MutationKind("advance-byte-more-all", .semantic, "an advance is a byte too long, and all behind it follow") {
      site in
      site.groups.compactMap { shiftedBehind($0, site) }
    },
  ]

  private static func single(_ id: String, _ summary: String, by count: Int) -> MutationKind {
    MutationKind(id, .semantic, summary) { site in
      site.directives.compactMap { index, directive in
        if directive.operation == .rememberState { return nil }
        return site.boundary(count, from: directive.location).map { site.moving([index], to: $0) }
      }
    }
  }

  private static func group(_ id: String, _ summary: String, by count: Int) -> MutationKind {
    MutationKind(id, .semantic, summary) { site in
      // Whole rows: those of locations between would be overtaken.
      let states = site.states
      return states.indices.dropFirst().compactMap { index in
        guard let location = site.boundary(count, from: states[index].location) else { return nil }
        let origin = states[index].location
        let overtaken = count < 0 ? location..<origin : origin + 1..<location + 1
        var moved = states
        moved[index].location = location
        moved = moved.enumerated().filter { $0 == index || !overtaken.contains($1.location) }.map(\.element)
        return site.restating(
          moved, "the row of 0x\(String(states[index].location, radix: 16)) from 0x\(String(location, radix: 16)) on")
      }
    }
  }

  private static func shifted(_ site: MutationSite, by count: Int) -> [Mutation] {
    let groups = site.groups
    let targets = groups.map { site.boundary(count, from: site.record.directives[$0[0]].location) }
    guard !groups.isEmpty, targets.allSatisfy({ $0 != nil }) else { return [] }
    return [
      site.changing("all directives moved by \(count) instructions") { fde in
        for (group, target) in zip(groups, targets) {
          for index in group { fde.directives[index].location = target ?? fde.directives[index].location }
        }
      }
    ]
  }

  private static func nudged(_ group: [Int], _ site: MutationSite, by bytes: Int64) -> Mutation? {
    let location = site.record.directives[group[0]].location
    let target = location &+ UInt64(bitPattern: bytes)
    // Inside an instruction: another kind moves whole ones.
    guard target > site.record.start, target < site.record.end,
      !site.instructions.contains(where: { $0.address == target })
    else { return nil }
    return site.moving(group, to: target)
  }

  private static func shiftedBehind(_ group: [Int], _ site: MutationSite) -> Mutation? {
    let location = site.record.directives[group[0]].location
    let last = site.record.directives.last?.location ?? location
    guard last + 1 < site.record.end, location > site.record.start else { return nil }
    return site.changing("all directives from 0x\(String(location, radix: 16)) on a byte later") { fde in
      for index in fde.directives.indices where fde.directives[index].location >= location {
        fde.directives[index].location += 1
      }
    }
  }
}

extension MutationSite {
  /// A mutation that has these rows.
  func restating(_ states: [LocatedState], _ note: String) -> Mutation {
    let directives = FrameState.directives(for: states, initial: initial)
    return changing(note) { $0.directives = directives }
  }
}
