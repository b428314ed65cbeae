internal import CallFrameInfo
internal import FrameVerification
internal import Instructions

/// Puts what was synthesized beside the text of the code.
struct SynthesizedListingBuilder {
  private let file: ListedFile
  private let listing: Listing

  init(_ file: ListedFile, _ listing: Listing) {
    self.file = file
    self.listing = listing
  }

  func listing(of function: SynthesizedFunction) -> SynthesizedListing {
    var parts: [SynthesizedListing.Part] = []
    var others: [String] = []
    for part in function.parts {
      guard !part.isOtherFunction else {
        others.append(file.symbols.title(of: part.addresses)?.title() ?? hexadecimal(part.addresses.lowerBound))
        continue
      }
      parts.append(self.part(part, isEntry: part.addresses.contains(function.head)))
    }
    // The function before its cold parts, whatever their addresses.
    parts = parts.filter(\.isEntry) + parts.filter { !$0.isEntry }
    return SynthesizedListing(
      name: file.symbols.symbol(at: function.head), parts: parts, others: others,
      unresolvedJumps: function.unresolvedJumps)
  }

  private func part(_ part: SynthesizedFunction.Part, isEntry: Bool) -> SynthesizedListing.Part {
    var result = SynthesizedListing.Part(
      name: file.symbols.title(of: part.addresses), addresses: part.addresses, isEntry: isEntry)
    if let fde = file.table.fde(at: part.addresses.lowerBound) {
      result.hasPersonality = file.table.cie(of: fde).personality != nil
      result.isSignalFrame = file.table.cie(of: fde).isSignalFrame
    }
    let directives = CallFrameDirectives.list(for: part.lines.map(\.row))
    var place = 0
    var row: (rules: RuleText, row: ListedRow)?
    var wasWrong: RowComparison?
    _ = listing.list(part.addresses) { piece in
      let rules = piece.head.frame.map(RuleText.init)
      for line in piece.lines {
        while place < part.lines.count, part.lines[place].instruction.address < line.address { place += 1 }
        guard place < part.lines.count, part.lines[place].instruction.address == line.address else { continue }
        let made = part.lines[place]
        var shown = SynthesizedListing.Line(
          address: line.address, text: Self.text(of: line, in: piece),
          labels: piece.notes[line.notes].compactMap {
            if case .label(let symbol, _) = $0 { symbol } else { nil }
          }, source: line.source.map { piece.sources[$0] }, directives: directives[place], gap: made.gap,
          isAssumed: made.isAssumed, fileRow: nil, isEndlessCall: made.isEndlessCall)
        if let rules, let last = piece.rows[line.rows].last { row = (rules, last) }
        switch made.comparison {
        case .none: break
        case .agrees: result.agreeing += 1
        case .undecided, .outermost: result.undecided += 1
        case .differs: result.differing += 1
        }
        let isOff = made.comparison != .agrees && made.comparison != .none
        if isOff, wasWrong != made.comparison || !line.rows.isEmpty, let row {
          shown.fileRow = (Self.words(row.row, row.rules), made.comparison == .differs)
        }
        wasWrong = isOff ? made.comparison : nil
        result.lines.append(shown)
      }
      return true
    }
    return result
  }

  /// "call 0x4010 <puts>".
  private static func text(of line: InstructionLine, in piece: FunctionListing) -> String {
    var text = String(decoding: piece.text[line.text], as: UTF8.self)
    if let index = line.targetName { text += " <\(piece.targets[index].title(limit: 60))>" }
    return text
  }

  /// "rsp+16 ra@c-8 rbx@c-16".
  private static func words(_ row: ListedRow, _ rules: RuleText) -> String {
    // Nothing is marked as changed here.
    let row = ListedRow(address: row.address, row: row.row)
    var text = TextBuffer()
    rules.append(cfa: row, to: &text)
    text.append(" ")
    rules.append(rules: row, to: &text, columns: nil)
    return String(decoding: text.bytes, as: UTF8.self)
  }
}
