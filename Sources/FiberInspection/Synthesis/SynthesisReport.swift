internal import CallFrameInfo
internal import FrameVerification

/// What call frame information is made for.
package enum SynthesisSubject {
  /// One function by name, with its parts.
  case function(String)
  /// The function around an address of the file.
  case address(UInt64)
}

/// Call frame information made for a function of a file, as directives or as JSON.
package struct SynthesisReport {
  /// How it looks.
  package enum Format {
    /// To paste into a source file.
    case text(TextStyle, isBrief: Bool)
    /// One JSON document.
    case json
  }

  private let file: ListedFile
  private let showsSource: Bool
  private let listing: SynthesizedListing
  private var problems: [String]

  /// - Throws: why the subject cannot be found, or why nothing can be made of it.
  package init(
    _ subject: SynthesisSubject, of file: ListedFile, showsSource: Bool
  ) throws(FunctionSearchFailure) {
    if let absence = file.absence { throw FunctionSearchFailure(error: absence, candidates: []) }
    self.file = file
    self.showsSource = showsSource
    let (head, ranges) = try Self.place(of: subject, in: file)
    var problems: [String] = []
    let facts = file.codeFacts(problems: &problems)
    var flow = file.codeFlow(facts)
    guard let made = flow.synthesize(head, in: ranges) else {
      throw Self.failure(file, "the function at \(hexadecimal(head)) has more than 1 MiB of code: not synthesized")
    }
    let text = Listing(file, showsSource: showsSource)
    listing = SynthesizedListingBuilder(file, text).listing(of: made)
    self.problems = problems + text.problems
  }

  /// Something could not be derived.
  package var isIncomplete: Bool { listing.hasGaps }

  /// Writes it.
  ///
  /// - Returns: what could not be read, one line each.
  /// - Throws: `EncodingError`, never for what a file can hold.
  package func write(to output: inout some ByteOutput, as format: Format) throws -> [String] {
    switch format {
    case .text(let style, let isBrief):
      var buffer = TextBuffer(usesColor: style.usesColor)
      let text = SynthesizedText(
        style: style, options: SynthesizedText.Options(isBrief: isBrief, path: file.path),
        source: showsSource ? SourceQuotes() : nil)
      text.append(listing, to: &buffer)
      output.write(buffer.bytes)
    case .json:
      var json = JSONStream(output)
      try SynthesizedJSON.write(listing, of: file, problems: file.problems + problems, to: &json)
      output = json.finish()
    }
    return problems
  }

  /// Where the function is entered, and the addresses of it and of what is known to be part of it.
  private static func place(
    of subject: SynthesisSubject, in file: ListedFile
  ) throws(FunctionSearchFailure) -> (start: UInt64, ranges: [Range<UInt64>]) {
    switch subject {
    case .function(let name): return try FunctionSearch(name, in: file).function()
    case .address(let address):
      guard let range = file.functionRange(around: address) else {
        throw failure(file, "no code at \(hexadecimal(address)): \(file.codeSummary)")
      }
      let symbol = file.symbols.firstFunction(of: range)
      if let symbol, let owner = coldOwner(of: symbol.name) {
        let name = file.symbols.readable(owner).escapedForTerminal(limit: functionWidthLimit)
        throw failure(file, "\(hexadecimal(address)) is in a part of \(name): use --function \(name)")
      }
      // An FDE may begin before its function.
      let head = symbol.map(\.start).flatMap { range.contains($0) ? $0 : nil } ?? range.lowerBound
      return (head, [range])
    }
  }

  private static func failure(_ file: ListedFile, _ text: String) -> FunctionSearchFailure {
    FunctionSearchFailure(error: InspectionError(.noFunction, place: file.path, text), candidates: [])
  }
}
