internal import CallFrameInfo

/// How a row differs from the one before it.
struct RowChanges: Equatable {
  /// The rule of the CFA is another.
  var cfa = false
  /// Registers whose rule is another, or new, ascending.
  var registers: [UInt16] = []
  /// Registers that had a rule and have none, ascending.
  var dropped: [UInt16] = []

  /// The size of arguments is another.
  var argumentsSize = false

  /// Nothing differs.
  var isEmpty: Bool { !cfa && registers.isEmpty && dropped.isEmpty && !argumentsSize }

  init(cfa: Bool = false, registers: [UInt16] = [], dropped: [UInt16] = [], argumentsSize: Bool = false) {
    self.cfa = cfa
    self.argumentsSize = argumentsSize
    self.registers = registers
    self.dropped = dropped
  }

  /// What `row` changes. Expressions of the same bytes are the same, wherever they lie.
  ///
  /// - Parameter bytes: the contents of the section of both.
  init(from old: Row, to row: Row, bytes: [UInt8]) {
    cfa = !Self.isSame(old.cfa, row.cfa, bytes)
    argumentsSize = old.argumentsSize != row.argumentsSize
    if old.registers == row.registers { return }
    var before = old.registers.makeIterator()
    var after = row.registers.makeIterator()
    var last = before.next()
    var next = after.next()
    while last != nil || next != nil {
      let (lastRegister, nextRegister) = (last?.register ?? .max, next?.register ?? .max)
      if lastRegister < nextRegister {
        dropped.append(lastRegister)
        last = before.next()
      } else if nextRegister < lastRegister {
        registers.append(nextRegister)
        next = after.next()
      } else {
        if let last, let next, !Self.isSame(last.rule, next.rule, bytes) { registers.append(nextRegister) }
        last = before.next()
        next = after.next()
      }
    }
  }

  private static func isSame(_ first: CFARule, _ second: CFARule, _ bytes: [UInt8]) -> Bool {
    if case .expression(let first) = first, case .expression(let second) = second {
      return isSame(first, second, bytes)
    }
    return first == second
  }

  private static func isSame(_ first: RegisterRule, _ second: RegisterRule, _ bytes: [UInt8]) -> Bool {
    switch (first, second) {
    case (.expression(let first), .expression(let second)), (.valueExpression(let first), .valueExpression(let second)):
      isSame(first, second, bytes)
    default: first == second
    }
  }

  private static func isSame(_ first: ExpressionBlock, _ second: ExpressionBlock, _ bytes: [UInt8]) -> Bool {
    first == second || first.count == second.count && bytes[first.range] == bytes[second.range]
  }
}
