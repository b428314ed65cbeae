internal import CallFrameInfo
internal import FrameVerification

/// What of a file is listed.
package enum ListingSubject {
  /// Functions with their FDEs, a line each, without code.
  case functions
  /// All code.
  case all
  /// One function by name, with its cold parts.
  case function(String)
  /// The function around an address of the file.
  case address(UInt64)
}

/// The listing of a file, as text or as JSON.
package struct ListingReport {
  /// How it looks.
  package enum Format {
    /// For people.
    case text(TextStyle, showsBytes: Bool)
    /// One JSON document.
    case json
  }

  private let file: ListedFile
  private let subject: ListingSubject
  private let addresses: [Range<UInt64>]
  private let showsSource: Bool

  /// A listing of `file`.
  ///
  /// - Throws: why the subject cannot be found, or is not one function.
  package init(_ subject: ListingSubject, of file: ListedFile, showsSource: Bool) throws(FunctionSearchFailure) {
    if let absence = file.absence { throw FunctionSearchFailure(error: absence, candidates: []) }
    self.file = file
    self.subject = subject
    self.showsSource = showsSource
    switch subject {
    case .functions, .all: addresses = [0..<UInt64.max]
    case .function(let name): addresses = try FunctionSearch(name, in: file).ranges()
    case .address(let address):
      guard let range = file.functionRange(around: address) else {
        throw FunctionSearchFailure(
          error: InspectionError(
            .noFunction, place: file.path, "no code at \(hexadecimal(address)): \(file.codeSummary)"),
          candidates: [])
      }
      addresses = [range]
    }
  }

  /// Writes it piece by piece.
  ///
  /// - Returns: what could not be read on the way, one line each.
  /// - Throws: `EncodingError`, never for what a file can hold.
  package func write(to output: inout some ByteOutput, as format: Format) throws -> [String] {
    let listing = Listing(file, showsSource: showsSource)
    switch (format, subject) {
    case (.text(let style, _), .functions): FunctionTable(file, style: style).write(to: &output, listing)
    case (.text(let style, let showsBytes), _):
      var options = ListingText.Options(showsBytes: showsBytes, addressWidth: file.addressWidth)
      if case .address(let address) = subject { options.markedAddress = address }
      writeText(
        to: &output, listing,
        ListingText(style: style, options: options, source: showsSource ? SourceQuotes() : nil))
    case (.json, _): try writeJSON(to: &output, listing)
    }
    return listing.problems
  }

  private func writeText(to output: inout some ByteOutput, _ listing: Listing, _ text: ListingText) {
    var text = text
    var buffer = TextBuffer(usesColor: text.usesColor)
    for range in addresses {
      _ = listing.list(range) { piece in
        text.append(piece, to: &buffer)
        if buffer.bytes.count >= 1 << 16 {
          output.write(buffer.bytes)
          buffer.removeAll()
        }
        return true
      }
    }
    output.write(buffer.bytes)
  }

  private func writeJSON(to output: inout some ByteOutput, _ listing: Listing) throws {
    var json = JSONStream(output)
    json.beginObject(lines: true)
    try json.member("version", Self.version)
    try json.member("file", file.path)
    try json.member("buildID", file.elf.buildID?.hexadecimal)
    json.key("functions")
    json.beginArray(lines: true)
    var elements = ListingJSON()
    var failure: (any Error)?
    for range in addresses {
      if case .functions = subject {
        try listing.heads(in: range) { try json.value(HeadJSON($0)) }
        continue
      }
      _ = listing.list(range) { piece in
        do {
          try elements.append(piece, to: &json)
        } catch {
          failure = error
        }
        return failure == nil
      }
      if let failure { throw failure }
    }
    json.endArray()
    try json.member("problems", file.problems + listing.problems)
    json.endObject()
    output = json.finish()
  }

  /// The version of the JSON document's schema.
  package static let version = 1
}

extension ListedFile {
  /// Bytes that are listed from an address of which nothing says where its function begins.
  private static var unknownFunctionSize: UInt64 { 256 }

  /// The function around an address: the addresses of its FDE, else of its symbol, else what follows the address. Nil where
  /// there is no code.
  func functionRange(around address: UInt64) -> Range<UInt64>? {
    guard let section = section(at: address) else { return nil }
    let limits = section.addresses
    if let fde = table.fde(at: address)?.addresses { return fde.clamped(to: limits) }
    // Up to the next FDE, whatever the symbol says.
    guard let part = ListingParts(self, in: address..<limits.upperBound).first(where: { _ in true }) else { return nil }
    guard let symbol = symbols.range(at: address) else {
      return address..<min(part.addresses.upperBound, address.saturatingAdding(Self.unknownFunctionSize))
    }
    return max(symbol.lowerBound, limits.lowerBound)..<part.addresses.upperBound
  }

  /// Digits of the highest address.
  var addressWidth: Int {
    max(4, String(sections.last.map(\.addresses.upperBound) ?? 0, radix: 16).utf8.count)
  }

  /// "its code is at 0x1000..0x2000 and 0x3000..0x4000".
  var codeSummary: String {
    let places = sections.prefix(4).map {
      "\(hexadecimal($0.addresses.lowerBound))..\(hexadecimal($0.addresses.upperBound))"
    }
    return "its code is at " + places.joined(separator: ", ") + (sections.count > 4 ? " and elsewhere" : "")
  }
}
