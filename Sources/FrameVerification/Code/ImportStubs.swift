internal import Instructions

/// The stubs by which code calls imported functions (.plt, .plt.sec, .plt.got).
enum ImportStubs {
  /// Where stubs begin, with the words that their jumps read.
  ///
  /// A stub is what leads to an indirect jump without a way out before: endbr64 or a number for the resolver may come first, and
  /// padding to a multiple of 8 behind the jump. Lazy stubs go on behind the jump, with a push and a jump to the first one.
  static func slots(_ instructions: [Instruction]) -> [(stub: UInt64, slot: UInt64)] {
    var found: [(stub: UInt64, slot: UInt64)] = []
    var start: UInt64?
    for instruction in instructions {
      if start == nil, instruction.address % 8 == 0 || instruction.effect != .nothing { start = instruction.address }
      switch instruction.flow {
      case .indirectJump(let slot):
        if let slot, let start { found.append((start, slot)) }
        start = nil
      case .jump, .return, .stop, .undecodable: start = nil
      default: break
      }
    }
    return found
  }
}
