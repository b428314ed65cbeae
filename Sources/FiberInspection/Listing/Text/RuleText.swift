internal import CallFrameInfo

/// Rules in words: "rsp+16", "ra@c-8", "rbp=*(rbp)".
///
/// `@c-8` is saved at CFA - 8, `=` says what the value is, `c` is the CFA. What a row changes stands behind `~`, a register that has
/// no rule any more behind `-`.
struct RuleText {
  private let returnAddress: UInt16
  private let expressions: CallFrameWords

  init(_ frame: ListedFrame) {
    returnAddress = frame.cie.returnAddressRegister
    expressions = CallFrameWords(frame.records, cie: frame.cie)
  }

  /// Appends how the CFA is found.
  func append(cfa row: ListedRow, to text: inout TextBuffer) {
    mark(row.changes.cfa, in: &text) { text in
      switch row.row.cfa {
      case .unspecified: text.append("no CFA")
      case .register(let register, let offset):
        text.append(RegisterNames.name(register))
        text.append(signed: offset)
      case .expression(let block): text.append(words(block))
      }
    }
  }

  /// Appends the rules of registers, wrapped to stay between two columns.
  func append(rules row: ListedRow, to text: inout TextBuffer, columns: Range<Int>?) {
    var layout = RuleLayout(columns: columns, start: text.column)
    let changes = row.changes
    // The return address leads, as it is the one that every row has.
    append(returnAddress, row, changes, &layout, &text)
    for (register, _) in row.row.registers where register != returnAddress {
      append(register, row, changes, &layout, &text)
    }
    append(group: .undefined, "undefined", row, &layout, &text)
    append(group: .sameValue, "same", row, &layout, &text)
    for register in changes.dropped {
      layout.item(width: 1 + name(register).utf8.count, in: &text)
      text.styled(.changed) { text in
        text.append("-")
        text.append(name(register))
      }
    }
    if row.row.argumentsSize != 0 || changes.argumentsSize {
      let size = "args=\(row.row.argumentsSize)"
      layout.item(width: size.utf8.count + 1, in: &text)
      mark(changes.argumentsSize, in: &text) { $0.append(size) }
    }
  }

  /// Appends the rule of a register that has one of its own.
  private func append(
    _ register: UInt16, _ row: ListedRow, _ changes: RowChanges, _ layout: inout RuleLayout, _ text: inout TextBuffer
  ) {
    let rule = row.row.registers[register]
    var rest: String?
    switch rule {
    case .unspecified, .undefined, .sameValue: return
    case .offset, .valueOffset: break
    case .register(let other): rest = "=\(RegisterNames.name(other))"
    case .expression(let block): rest = "=*(\(words(block, ofRegister: true)))"
    case .valueExpression(let block): rest = "=\(words(block, ofRegister: true))"
    }
    let name = name(register)
    // Offsets are 3 to 20 characters; how many tells where the line breaks only.
    layout.item(width: 1 + name.utf8.count + (rest?.utf8.count ?? 6), in: &text)
    mark(changes.registers.contains(register), in: &text) { text in
      text.append(name)
      if let rest { text.append(rest) }
      if case .offset(let offset) = rule { append("@c", offset, to: &text) }
      if case .valueOffset(let offset) = rule { append("=c", offset, to: &text) }
    }
  }

  private func append(_ prefix: String, _ offset: Int64, to text: inout TextBuffer) {
    text.append(prefix)
    text.append(signed: offset)
  }

  /// Appends the registers that have one rule without operands, if there are any.
  private func append(
    group rule: RegisterRule, _ title: String, _ row: ListedRow, _ layout: inout RuleLayout, _ text: inout TextBuffer
  ) {
    var members = row.row.registers.filter { $0.rule == rule }.map(\.register)[...]
    guard !members.isEmpty else { return }
    var isFirst = true
    while let first = members.popFirst() {
      let changed = row.changes.registers.contains(first)
      var last = first
      // r8 to r15 are numbered as they are named.
      while let next = members.first, next == last + 1, (8...15).contains(first), next <= 15,
        row.changes.registers.contains(next) == changed
      {
        last = next
        members.removeFirst()
      }
      let names = first == last ? name(first) : "\(name(first))-\(name(last))"
      if isFirst {
        layout.item(width: title.utf8.count + 2 + names.utf8.count, in: &text)
        text.append(title)
        text.append("=")
      } else {
        text.append(",")
        layout.part(width: names.utf8.count + 1, in: &text)
      }
      isFirst = false
      mark(changed, in: &text) { $0.append(names) }
    }
  }

  private func name(_ register: UInt16) -> String {
    register == returnAddress ? "ra" : RegisterNames.name(register)
  }

  /// A formula without spaces, as they separate rules; operations in brackets as they are.
  private func words(_ block: ExpressionBlock, ofRegister: Bool = false) -> String {
    let words = expressions.describe(expression: block, ofRegister: ofRegister)
    return words.hasPrefix("[") ? words : words.filter { $0 != " " }
  }

  private func mark(_ isChanged: Bool, in text: inout TextBuffer, _ body: (inout TextBuffer) -> Void) {
    guard isChanged else { return body(&text) }
    text.styled(.changed) { text in
      text.append("~")
      body(&text)
    }
  }
}

/// Breaks a list of rules into lines.
private struct RuleLayout {
  /// From where to where they go; nil without a limit.
  let columns: Range<Int>?
  private var isEmpty = true
  private let start: Int

  init(columns: Range<Int>?, start: Int) {
    self.columns = columns
    self.start = start
  }

  /// Before an item of `width` columns.
  mutating func item(width: Int, in text: inout TextBuffer) {
    if isEmpty {
      isEmpty = false
      return
    }
    if let columns, text.column + 1 + width > columns.upperBound {
      text.endLine()
      text.pad(to: columns.lowerBound)
    } else {
      text.append(" ")
    }
  }

  /// Before a part of an item, which may be separated from the one before.
  mutating func part(width: Int, in text: inout TextBuffer) {
    guard let columns, text.column + width > columns.upperBound else { return }
    text.endLine()
    text.pad(to: columns.lowerBound)
  }
}
