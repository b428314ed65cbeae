internal import CallFrameInfo

/// A directive for GNU's and LLVM's assemblers.
package struct CallFrameDirective: Sendable, Hashable {
  /// ".cfi_offset rbx, -24".
  package var text: String
  /// What an escape says, nil for others.
  package var meaning: String?

  init(_ text: String, meaning: String? = nil) {
    self.text = text
    self.meaning = meaning
  }
}

/// The directives that make one row of another.
package enum CallFrameDirectives {
  /// Before each row of `rows`, as `.cfi_startproc` begins.
  ///
  /// A row that has been in force before comes back by `.cfi_remember_state` and `.cfi_restore_state` where that takes no more
  /// directives. O(n log n).
  package static func list(for rows: [SynthesizedRow]) -> [[CallFrameDirective]] {
    var result = [[CallFrameDirective]](repeating: [], count: rows.count)
    // Where rows change, and what was in force before: those that no pair of directives encloses.
    var changes: [(place: Int, before: SynthesizedRow)] = []
    var openings: [SynthesizedRow: Int] = [:]
    var row = SynthesizedRow.initial
    for (place, next) in rows.enumerated() where next != row {
      let directives = changed(from: row, to: next)
      if directives.count > 1, let opening = openings[next] {
        result[changes[opening].place].insert(CallFrameDirective(".cfi_remember_state"), at: 0)
        result[place].append(CallFrameDirective(".cfi_restore_state"))
        // Nothing may be remembered inside and restored outside.
        for change in changes[opening...] { openings[change.before] = nil }
        changes.removeSubrange(opening...)
      } else {
        result[place] += directives
        openings[row] = changes.count
        changes.append((place, row))
      }
      row = next
    }
    return result
  }

  /// The directives behind which `new` holds where `old` did.
  static func changed(from old: SynthesizedRow, to new: SynthesizedRow) -> [CallFrameDirective] {
    var result: [CallFrameDirective] = []
    if old.cfa != new.cfa { result.append(directive(from: old.cfa, to: new.cfa)) }
    if old.returnAddress != new.returnAddress { result.append(directive("rip", 16, new.returnAddress)) }
    for (place, register) in SynthesizedRow.registers.enumerated() where old[place] != new[place] {
      result.append(directive(RegisterNames.name(UInt16(register)), register, new[place]))
    }
    return result
  }

  private static func directive(from old: SynthesizedCFA, to new: SynthesizedCFA) -> CallFrameDirective {
    switch (old, new) {
    case (.register(let before, _), .register(let register, let offset)) where before == register:
      return CallFrameDirective(".cfi_def_cfa_offset \(offset)")
    case (.register(_, let before), .register(let register, let offset)) where before == offset:
      return CallFrameDirective(".cfi_def_cfa_register \(RegisterNames.name(UInt16(register)))")
    case (_, .register(let register, let offset)):
      return CallFrameDirective(".cfi_def_cfa \(RegisterNames.name(UInt16(register))), \(offset)")
    case (_, .word(let register, let displacement, let offset)):
      // DW_OP_bregN displacement, DW_OP_deref.
      var expression = [0x70 + UInt8(register)] + LEB128.signed(displacement) + [0x06]
      // DW_OP_plus_uconst; DW_OP_consts, DW_OP_plus.
      if offset > 0 { expression += [0x23] + LEB128.unsigned(UInt32(offset)) }
      if offset < 0 { expression += [0x11] + LEB128.signed(offset) + [0x22] }
      let word = "*(\(place(register, displacement)))"
      return escape(
        [0x0f] + LEB128.unsigned(UInt32(expression.count)) + expression,
        meaning: "CFA = \(word)\(offset == 0 ? "" : signed(offset))")
    }
  }

  private static func directive(_ name: String, _ register: Int, _ rule: SynthesizedRule) -> CallFrameDirective {
    switch rule {
    case .unchanged: return CallFrameDirective(".cfi_restore \(name)")
    case .saved(let offset): return CallFrameDirective(".cfi_offset \(name), \(offset)")
    case .register(let other): return CallFrameDirective(".cfi_register \(name), \(RegisterNames.name(UInt16(other)))")
    case .undefined: return CallFrameDirective(".cfi_undefined \(name)")
    case .savedBehind(let base, let displacement):
      // DW_CFA_expression: DW_OP_bregN displacement.
      let expression = [0x70 + UInt8(base)] + LEB128.signed(displacement)
      return escape(
        [0x10, UInt8(register)] + LEB128.unsigned(UInt32(expression.count)) + expression,
        meaning: "\(name) = *(\(place(base, displacement)))")
    }
  }

  private static func escape(_ bytes: [UInt8], meaning: String) -> CallFrameDirective {
    let list = bytes.map { "0x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ", ")
    return CallFrameDirective(".cfi_escape \(list)", meaning: meaning)
  }

  private static func place(_ register: Int, _ displacement: Int32) -> String {
    RegisterNames.name(UInt16(register)) + (displacement == 0 ? "" : signed(displacement))
  }

  private static func signed(_ number: Int32) -> String { number < 0 ? "\(number)" : "+\(number)" }
}

/// Numbers of variable length (DWARF 5, §7.6).
enum LEB128 {
  static func unsigned(_ number: UInt32) -> [UInt8] {
    var rest = number
    var bytes: [UInt8] = []
    repeat {
      let low = UInt8(rest & 0x7f)
      rest >>= 7
      bytes.append(rest == 0 ? low : low | 0x80)
    } while rest != 0
    return bytes
  }

  static func signed(_ number: Int32) -> [UInt8] {
    var rest = number
    var bytes: [UInt8] = []
    while true {
      let low = UInt8(truncatingIfNeeded: rest & 0x7f)
      rest >>= 7
      let isLast = rest == 0 && low & 0x40 == 0 || rest == -1 && low & 0x40 != 0
      bytes.append(isLast ? low : low | 0x80)
      if isLast { return bytes }
    }
  }
}
