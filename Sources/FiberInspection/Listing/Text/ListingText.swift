internal import CallFrameInfo

/// Listings as text for people.
///
/// A row stands beside the instruction that it is in force before; where the line has none, the row above goes on.
struct ListingText {
  /// Choices of the reader.
  struct Options {
    /// The bytes of instructions are shown.
    var showsBytes = false
    /// The line with this instruction is marked.
    var markedAddress: UInt64?
    /// Digits of the highest address.
    var addressWidth = 4
  }

  private let style: TextStyle
  private let options: Options
  private let source: SourceQuotes?
  /// Where columns begin.
  private let instructionColumn: Int
  private let ruleColumn: Int
  /// Width of the CFA's.
  private static let cfaWidth = 10
  /// Width of the column of bytes: 10 of them, more than most instructions have.
  private static let codeWidth = 22
  private var isFirst = true

  /// The style has colours.
  var usesColor: Bool { style.usesColor }

  /// - Parameter source: the text of source lines, nil to show their places only.
  init(style: TextStyle, options: Options, source: SourceQuotes? = nil) {
    self.style = style
    self.options = options
    self.source = source
    instructionColumn = 2 + options.addressWidth + 2 + (options.showsBytes ? Self.codeWidth : 0)
    // What is left of 80 columns holds the rules of a frame with two or three saved registers.
    ruleColumn = instructionColumn + ((style.columns ?? 120) < 110 ? 30 : 38)
  }

  /// Appends a listing.
  mutating func append(_ listing: FunctionListing, to text: inout TextBuffer) {
    if !listing.isContinuation {
      if isFirst { appendTitles(to: &text) }
      isFirst = false
      append(listing.head, to: &text)
    }
    let rules = listing.head.frame.map(RuleText.init)
    for line in listing.lines {
      if !line.notes.isEmpty {
        for note in listing.notes[line.notes] { append(note, to: &text) }
      }
      if let index = line.source { append(listing.sources[index], to: &text) }
      append(line, of: listing, rules: rules, to: &text)
    }
    for note in listing.notes[(listing.lines.last?.notes.upperBound ?? 0)...] { append(note, to: &text) }
  }

  private func appendTitles(to text: inout TextBuffer) {
    text.styled(.dim) { text in
      text.append(spaces: 2 + max(0, options.addressWidth - 7))
      text.append("address")
      text.pad(to: options.addressWidth + 4, minimum: 2)
      if options.showsBytes { text.append("bytes") }
      text.pad(to: instructionColumn)
      text.append("instruction")
      text.pad(to: ruleColumn)
      text.append("CFA")
      text.pad(to: ruleColumn + Self.cfaWidth)
      text.append("rules: @ saved at, = value, c CFA, ~ changed, - dropped")
    }
    text.endLine()
  }

  private func append(_ head: ListingHead, to text: inout TextBuffer) {
    text.endLine()
    text.styled(.bold) { $0.append(head.title) }
    text.append("  \(head.section.escapedForTerminal(limit: functionWidthLimit)) ")
    let (start, end) = (head.addresses.lowerBound, head.addresses.upperBound)
    text.append("\(hexadecimal(start))..\(hexadecimal(end)), \(counted(end - start, "byte"))")
    text.endLine()
    text.styled(.dim) { text in
      text.append("  ")
      text.append(head.frame.map { description($0, of: head) } ?? "no FDE")
    }
    text.endLine()
  }

  private func description(_ frame: ListedFrame, of head: ListingHead) -> String {
    let section = frame.records.name.escapedForTerminal(limit: functionWidthLimit)
    func place(_ offset: Int) -> String { "\(section)+\(hexadecimal(UInt64(offset)))" }
    let augmentation = frame.cie.augmentation.escapedForTerminal(limit: functionWidthLimit)
    var parts = ["FDE \(place(frame.fde.offset))", "CIE \(place(frame.cie.offset)) \"\(augmentation)\""]
    if frame.cie.isSignalFrame { parts.append("signal frame") }
    if let personality = frame.cie.personality {
      let name = frame.personality.map { " <\($0.title())>" } ?? ""
      parts.append(
        frame.linksPersonality ? "personality to be linked:\(name)" : "personality \(pointer(personality))\(name)")
    }
    if let lsda = frame.fde.lsda { parts.append("LSDA \(pointer(lsda))") }
    if frame.fde.addresses != head.addresses {
      let range = frame.fde.addresses
      parts.append("for \(hexadecimal(range.lowerBound))..\(hexadecimal(range.upperBound))")
    }
    for other in frame.others.prefix(4) {
      parts.append("also FDE \(other.section.escapedForTerminal)+\(hexadecimal(UInt64(other.offset)))")
    }
    if frame.others.count > 4 { parts.append("and \(frame.others.count - 4) more") }
    return parts.joined(separator: ", ")
  }

  /// "0x2000"; "*0x4008" for one that lies in memory there.
  private func pointer(_ pointer: EncodedPointer) -> String {
    (pointer.isIndirect ? "*" : "") + hexadecimal(pointer.value)
  }

  private func append(
    _ line: InstructionLine, of listing: FunctionListing, rules: RuleText?, to text: inout TextBuffer
  ) {
    let range = line.address..<line.address &+ UInt64(line.length)
    text.append(options.markedAddress.map(range.contains) == true ? "=>" : "  ")
    text.append(hexadecimal: line.address, width: options.addressWidth)
    text.append("  ")
    if options.showsBytes { append(code: listing.code[line.code..<line.code + line.length], to: &text) }
    let instruction = listing.text[line.text]
    if line.isValid {
      text.append(ascii: instruction)
    } else {
      text.styled(.warning) { $0.append(ascii: instruction) }
    }
    let mark = text.mark
    let isLong = text.column > ruleColumn - 3
    appendTarget(of: line, in: listing, to: &text)
    guard let rules, !line.rows.isEmpty else { return text.endLine() }
    // So that rules stay in their column: below a long instruction, before a long name.
    let isInTheWay = !isLong && text.column > ruleColumn - 3
    if isInTheWay { text.goBack(to: mark) }
    if isLong { text.endLine() }
    for (index, row) in listing.rows[line.rows].enumerated() {
      if row.address > line.address {
        // Tables change between instructions; one that does not is wrong.
        if index > 0 { text.endLine() }
        if text.column > ruleColumn - 3 { text.endLine() }
        text.pad(to: 2)
        text.styled(.warning) { $0.append("inside, from \(hexadecimal(row.address)):") }
      } else if index > 0 {
        text.endLine()
      }
      text.pad(to: ruleColumn - 1, minimum: 1)
      if !row.changes.cfa { text.append(" ") }
      rules.append(cfa: row, to: &text)
      text.pad(to: ruleColumn + Self.cfaWidth, minimum: 2)
      let columns = style.columns.flatMap { width in
        width > ruleColumn + Self.cfaWidth ? ruleColumn + Self.cfaWidth..<width : nil
      }
      rules.append(rules: row, to: &text, columns: columns)
      if index == 0, isInTheWay { appendTarget(of: line, in: listing, to: &text) }
    }
    text.endLine()
  }

  private func append(code: ArraySlice<UInt8>, to text: inout TextBuffer) {
    for byte in code { text.append(hexadecimal: byte) }
    text.pad(to: instructionColumn, minimum: 2)
  }

  /// Where an instruction leads: "<puts>", behind "# 0x4010" where the instruction does not have the address itself.
  private func appendTarget(of line: InstructionLine, in listing: FunctionListing, to text: inout TextBuffer) {
    if let target = line.target, listing.text[line.text].contains(UInt8(ascii: "[")) {
      text.append("  # 0x")
      text.append(hexadecimal: target)
    } else if line.target == nil, line.targetName != nil {
      text.append("  # to be linked:")
    }
    guard let index = line.targetName else { return }
    let symbol = listing.targets[index]
    text.styled(.target) { text in
      text.append(" <")
      text.append(symbol.title(limit: 60))
      text.append(">")
    }
  }

  private func append(_ note: ListingNote, to text: inout TextBuffer) {
    switch note {
    case .label(let symbol, let address):
      text.append(spaces: 2)
      text.append(hexadecimal: address, width: options.addressWidth)
      text.append("  ")
      text.styled(.bold) { $0.append("\(symbol.title()):") }
    case .noRows(let reason):
      text.append(spaces: instructionColumn)
      text.styled(.warning) { $0.append("no rows from here on: \(reason.escapedForTerminal)") }
    case .overrun(let end):
      text.append(spaces: instructionColumn)
      text.styled(.warning) {
        $0.append("the instruction above goes on behind \(hexadecimal(end)), where these addresses end")
      }
    }
    text.endLine()
  }

  private func append(_ line: SourceLine, to text: inout TextBuffer) {
    text.append(spaces: 2)
    text.styled(.source) { text in
      text.append(line.text(from: style.directory))
      if let quote = source?.text(of: line) {
        text.append(": ")
        text.append(quote.escapedForTerminal(limit: functionWidthLimit))
      }
    }
    text.endLine()
  }
}

extension ListingHead {
  /// "main", "main+0x10", "(no symbol)".
  var title: String { symbol?.title() ?? "(no symbol)" }
}

extension ListedSymbol {
  /// Its readable name with the offset, escaped and cut to `limit` characters and an offset.
  func title(limit: Int = functionWidthLimit) -> String {
    name.escapedForTerminal(limit: limit) + (offset == 0 ? "" : "+\(hexadecimal(offset))")
  }
}
