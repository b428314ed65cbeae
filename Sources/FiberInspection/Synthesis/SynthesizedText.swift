internal import CallFrameInfo
internal import FrameVerification

/// Synthesized call frame information as GNU assembler text: directives on lines of their own, each behind the instruction after
/// which it belongs, which is a comment.
struct SynthesizedText {
  /// Choices of the reader.
  struct Options {
    /// Instructions without directives behind them are left out.
    var isBrief = false
    var path: String
  }

  private let style: TextStyle
  private let options: Options
  private let source: SourceQuotes?

  init(style: TextStyle, options: Options, source: SourceQuotes?) {
    self.style = style
    self.options = options
    self.source = source
  }

  /// Appends all of a function.
  func append(_ listing: SynthesizedListing, to text: inout TextBuffer) {
    comment("made of the code alone, on the assumptions of `fibertrace verify`", in: &text)
    for other in listing.others {
      comment("it jumps into the middle of \(other), which has rows of its own", in: &text)
    }
    if !listing.unresolvedJumps.isEmpty {
      let places = listing.unresolvedJumps.prefix(4).map(hexadecimal).joined(separator: ", ")
      let more = listing.unresolvedJumps.count > 4 ? ", and \(listing.unresolvedJumps.count - 4) more" : ""
      comment("where these jumps lead is not known: \(places)\(more)", in: &text)
    }
    for part in listing.parts { append(part, to: &text) }
  }

  private func append(_ part: SynthesizedListing.Part, to text: inout TextBuffer) {
    text.endLine()
    let (start, end) = (part.addresses.lowerBound, part.addresses.upperBound)
    let name = part.name?.title() ?? "code without a name"
    comment(
      "\(name)\(part.isEntry ? "" : ", a part of it"): \(hexadecimal(start))..\(hexadecimal(end)) of "
        + "\(options.path.escapedForTerminal), \(counted(part.lines.count, "instruction")), "
        + counted(part.directives, "directive"), bold: true, in: &text)
    for sentence in remarks(on: part) { comment(sentence, in: &text) }
    directive(".cfi_startproc", in: &text)
    var wasAssumed = false
    var gap: SynthesisGap?
    for (index, line) in part.lines.enumerated() {
      if line.isAssumed, !wasAssumed { comment("if an indirect jump leads here:", in: &text) }
      wasAssumed = line.isAssumed
      if let why = line.gap, why != gap { warning("not derived: \(why.sentence)", in: &text) }
      if line.gap == nil, gap != nil { warning("derived again from here on", in: &text) }
      gap = line.gap
      for directive in line.directives { self.directive(directive.text, meaning: directive.meaning, in: &text) }
      if let row = line.fileRow {
        warning("the file says \(row.words), which is \(row.isWrong ? "wrong" : "not known to be right")", in: &text)
      }
      let isFollowed = index + 1 < part.lines.count && !part.lines[index + 1].directives.isEmpty
      guard !options.isBrief || isFollowed || line.isEndlessCall else { continue }
      append(line, start: start, to: &text)
    }
    directive(".cfi_endproc", in: &text)
  }

  private func append(_ line: SynthesizedListing.Line, start: UInt64, to text: inout TextBuffer) {
    for label in line.labels where label.offset == 0 { comment("\(label.title()):", in: &text) }
    if let place = line.source {
      let quote = source?.text(of: place).map { ": \($0.escapedForTerminal(limit: functionWidthLimit))" } ?? ""
      text.append("\t# ")
      text.styled(.source) { $0.append(place.text(from: style.directory) + quote) }
      text.endLine()
    }
    text.append("\t# +0x")
    text.append(hexadecimal: line.address &- start)
    text.append("  \(line.text)")
    if line.isEndlessCall { text.append(", taken not to return: what is behind it belongs to another frame") }
    text.endLine()
  }

  /// What is to be said of a part before its directives.
  private func remarks(on part: SynthesizedListing.Part) -> [String] {
    var remarks: [String] = []
    let all = part.agreeing + part.undecided + part.differing
    if !part.hasRows {
      remarks.append("the file has no rows for it")
    } else if part.agreeing == all {
      remarks.append("the file's rows recover the same values at each of \(counted(all, "instruction"))")
    } else {
      remarks.append(
        "the file's rows are wrong at \(part.differing) of \(counted(all, "instruction"))"
          + (part.undecided > 0 ? ", and not known to be right at \(part.undecided)" : "") + ": marked below")
    }
    if part.isEntry, part.isSignalFrame {
      remarks.append("the file says that a signal handler returns here: these rows are for a function that is called")
    } else if part.isEntry, let first = part.lines.first?.fileRow {
      remarks.append("the file says that it is not entered by a call (\(first.words)): these rows are for one that is")
    }
    if part.hasPersonality { remarks.append("keep its .cfi_personality and .cfi_lsda behind .cfi_startproc") }
    if part.gaps > 0 { remarks.append("rows are not derived at \(counted(part.gaps, "instruction")): marked below") }
    return remarks
  }

  private func comment(_ sentence: String, bold: Bool = false, in text: inout TextBuffer) {
    text.append("# ")
    if bold { text.styled(.bold) { $0.append(sentence) } } else { text.append(sentence) }
    text.endLine()
  }

  private func warning(_ sentence: String, in text: inout TextBuffer) {
    text.append("\t# ")
    text.styled(.warning) { $0.append(sentence) }
    text.endLine()
  }

  private func directive(_ directive: String, meaning: String? = nil, in text: inout TextBuffer) {
    text.append("\t")
    text.styled(.changed) { $0.append(directive) }
    if let meaning { text.append("\t# \(meaning)") }
    text.endLine()
  }
}
