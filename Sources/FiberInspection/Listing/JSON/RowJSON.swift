internal import CallFrameInfo

/// Rows as JSON. There are millions of them in a large file, so they are put together by hand: names of registers, numbers and
/// the words of expressions have no character that JSON escapes.
struct RowJSON {
  /// Appends a row: where it begins, its rules, what it changes.
  func append(_ listed: ListedRow, words: CallFrameWords, bytes: [UInt8], to text: inout TextBuffer) {
    text.append("{\"address\":\"0x")
    text.append(hexadecimal: listed.address)
    text.append("\",\"cfa\":{")
    switch listed.row.cfa {
    case .unspecified: text.append("\"rule\":\"unspecified\"")
    case .register(let register, let offset):
      text.append("\"rule\":\"register\",\"register\":\"\(RegisterNames.name(register))\",\"offset\":\(offset)")
    case .expression(let block):
      append("expression", words.describe(expression: block), bytes[block.range], to: &text)
    }
    text.append("},\"registers\":{")
    var isFirst = true
    for (register, rule) in listed.row.registers {
      if !isFirst { text.append(",") }
      isFirst = false
      text.append("\"\(RegisterNames.name(register))\":{")
      append(rule, words, bytes, to: &text)
      text.append("}")
    }
    text.append("}")
    if listed.row.argumentsSize != 0 { text.append(",\"argumentsSize\":\(listed.row.argumentsSize)") }
    let changes = listed.changes
    if !changes.isEmpty {
      append("changed", Self.names(changes), to: &text)
      append("dropped", changes.dropped.map(RegisterNames.name), to: &text)
    }
    text.append("}")
  }

  private static func names(_ changes: RowChanges) -> [String] {
    (changes.cfa ? ["cfa"] : []) + changes.registers.map(RegisterNames.name)
      + (changes.argumentsSize ? ["argumentsSize"] : [])
  }

  private func append(_ rule: RegisterRule, _ words: CallFrameWords, _ bytes: [UInt8], to text: inout TextBuffer) {
    switch rule {
    case .unspecified: text.append("\"rule\":\"unspecified\"")
    case .undefined: text.append("\"rule\":\"undefined\"")
    case .sameValue: text.append("\"rule\":\"sameValue\"")
    case .offset(let offset): text.append("\"rule\":\"offset\",\"offset\":\(offset)")
    case .valueOffset(let offset): text.append("\"rule\":\"valueOffset\",\"offset\":\(offset)")
    case .register(let register): text.append("\"rule\":\"register\",\"register\":\"\(RegisterNames.name(register))\"")
    case .expression(let block):
      append("expression", words.describe(expression: block, ofRegister: true), bytes[block.range], to: &text)
    case .valueExpression(let block):
      append("valueExpression", words.describe(expression: block, ofRegister: true), bytes[block.range], to: &text)
    }
  }

  private func append(_ rule: String, _ words: String, _ bytes: ArraySlice<UInt8>, to text: inout TextBuffer) {
    text.append("\"rule\":\"\(rule)\",\"words\":\"\(words)\",\"bytes\":\"")
    for byte in bytes { text.append(hexadecimal: byte) }
    text.append("\"")
  }

  private func append(_ key: String, _ names: [String], to text: inout TextBuffer) {
    guard !names.isEmpty else { return }
    text.append(",\"\(key)\":[")
    for (index, name) in names.enumerated() {
      if index > 0 { text.append(",") }
      text.append("\"\(name)\"")
    }
    text.append("]")
  }
}
