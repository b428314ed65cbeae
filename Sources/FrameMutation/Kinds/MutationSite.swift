internal import CallFrameInfo
package import Instructions

/// What mutations of one function look at.
package struct MutationSite: Sendable {
  /// All records of the file.
  package let frames: EditableFrames
  /// The function's FDE, an index in `frames.fdes`.
  package let fde: Int
  /// The instructions under the FDE.
  package let instructions: [Instruction]
  let initial: FrameState
  /// The rows.
  let states: [LocatedState]

  package init(frames: EditableFrames, fde: Int, instructions: [Instruction]) {
    self.frames = frames
    self.fde = fde
    self.instructions = instructions
    let cie = frames.cies[frames.fdes[fde].cie]
    initial = FrameState(initialOf: cie)
    states = FrameState.states(of: frames.fdes[fde], cie: cie)
  }

  /// DWARF numbers of rbx, rbp, r12 to r15.
  static let calleeSaved: [UInt16] = [3, 6, 12, 13, 14, 15]

  var record: EditableFDE { frames.fdes[fde] }
  var cie: EditableCIE { frames.cies[record.cie] }

  /// Directives with their indices.
  var directives: [(index: Int, directive: Directive)] {
    record.directives.enumerated().map { (index: $0, directive: $1) }
  }

  /// Indices of the directives of each location, in order.
  var groups: [[Int]] {
    var result: [[Int]] = []
    for (index, directive) in directives {
      if let last = result.last?.first, record.directives[last].location == directive.location {
        result[result.count - 1].append(index)
      } else {
        result.append([index])
      }
    }
    return result
  }

  /// The start of the instruction `count` after (or, negative, before) the one at `location`; nil outside the FDE.
  func boundary(_ count: Int, from location: UInt64) -> UInt64? {
    guard let index = instructions.firstIndex(where: { $0.address == location }) else { return nil }
    return instructions.indices.contains(index + count) ? instructions[index + count].address : nil
  }

  /// The state in force before the first of the directives at `index`'s place.
  func state(before index: Int) -> FrameState {
    var part = record
    part.directives = Array(part.directives.prefix(index))
    return FrameState.states(of: part, cie: cie).last?.state ?? initial
  }

  /// The state in force at an address.
  func state(at location: UInt64) -> FrameState {
    states.last { $0.location <= location }?.state ?? initial
  }

  /// Callee-saved registers that the function gives a save slot, by the index of the directive.
  var saves: [(index: Int, register: UInt16, factored: Int64)] {
    directives.compactMap { index, directive in
      guard case .offset(let register, let factored) = directive.operation, Self.calleeSaved.contains(register) else {
        return nil
      }
      return (index, register, factored)
    }
  }

  /// A callee-saved register that no directive gives a rule, nil if each has one.
  var unsaved: UInt16? {
    Self.calleeSaved.first { register in !record.directives.contains { $0.operation.ruledRegister == register } }
  }

  /// Where the frame is built: the location of the last of the leading directives that grow it.
  var prologueEnd: UInt64? {
    var end: UInt64?
    for directive in record.directives {
      switch directive.operation {
      case .restore, .rememberState, .restoreState, .defineCFA(7, 8), .defineCFAOffset(8): return end
      default: end = directive.location
      }
    }
    return end
  }
}

// Changes of the function's own records.
extension MutationSite {
  /// A mutation of the FDE.
  func changing(_ note: String, _ change: @escaping @Sendable (inout EditableFDE) -> Void) -> Mutation {
    let fde = fde
    return Mutation(note) { change(&$0.fdes[fde]) }
  }

  /// A mutation of the CIE that changes no other function.
  func changingCIE(_ note: String, _ change: @escaping @Sendable (inout EditableCIE) -> Void) -> Mutation {
    let fde = fde
    return Mutation(note) { frames in
      let cie = frames.separateCIE(of: fde)
      change(&frames.cies[cie])
    }
  }

  func removing(_ indices: [Int]) -> Mutation {
    let text = indices.map { Self.note(record.directives[$0]) }.joined(separator: ", ")
    let removed = Set(indices)
    return changing("without \(text)") { fde in
      fde.directives = fde.directives.enumerated().filter { !removed.contains($0.offset) }.map(\.element)
    }
  }

  func replacing(_ index: Int, by operations: [FrameOperation]) -> Mutation {
    let old = record.directives[index]
    let text = operations.map { "\($0)" }.joined(separator: ", ")
    return changing("\(text) for \(Self.note(old))") { fde in
      fde.directives.replaceSubrange(index...index, with: operations.map { Directive(at: old.location, $0) })
    }
  }

  func moving(_ indices: [Int], to location: UInt64) -> Mutation {
    let text = indices.map { Self.note(record.directives[$0]) }.joined(separator: ", ")
    return changing("\(text) moved to 0x\(String(location, radix: 16))") { fde in
      for index in indices { fde.directives[index].location = location }
      fde.sortDirectives()
    }
  }

  func adding(_ operations: [FrameOperation], at location: UInt64) -> Mutation {
    let text = operations.map { "\($0)" }.joined(separator: ", ")
    return changing("\(text) added at 0x\(String(location, radix: 16))") { fde in
      fde.directives += operations.map { Directive(at: location, $0) }
      fde.sortDirectives()
    }
  }

  static func note(_ directive: Directive) -> String {
    "\(directive.operation) at 0x\(String(directive.location, radix: 16))"
  }
}

extension EditableFDE {
  /// By location, those of one location in their order.
  mutating func sortDirectives() {
    directives = directives.enumerated().sorted {
      ($0.element.location, $0.offset) < ($1.element.location, $1.offset)
    }.map(\.element)
  }
}
