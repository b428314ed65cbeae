internal import CallFrameInfo

/// Listings as elements of the array `functions`; Docs/cfi-json.md has the schema.
struct ListingJSON {
  private let rows = RowJSON()
  private var names: [String: [UInt8]] = [:]
  private var line = TextBuffer()

  init() {}

  /// Writes a listing: with its first piece the beginning of the object, with its last one the end.
  mutating func append(_ listing: FunctionListing, to json: inout JSONStream<some ByteOutput>) throws {
    if !listing.isContinuation {
      json.beginObject()
      try json.members(of: HeadJSON(listing.head))
      json.key("lines")
      json.beginArray(lines: true)
    }
    let words = listing.head.frame.map { CallFrameWords($0.records, cie: $0.cie) }
    for instruction in listing.lines {
      try append(notes: listing.notes[instruction.notes], to: &json)
      line.removeAll()
      try append(instruction, of: listing, words: words)
      json.splice(JSONFragment(json: line.bytes))
    }
    try append(notes: listing.notes[(listing.lines.last?.notes.upperBound ?? 0)...], to: &json)
    if listing.isLast {
      json.endArray()
      json.endObject()
    }
  }

  private mutating func append(
    _ instruction: InstructionLine, of listing: FunctionListing, words: CallFrameWords?
  ) throws {
    line.append("{\"address\":\"0x")
    line.append(hexadecimal: instruction.address)
    line.append("\",\"bytes\":\"")
    for byte in listing.code[instruction.code..<instruction.code + instruction.length] {
      line.append(hexadecimal: byte)
    }
    // Zydis's text has no character that JSON escapes.
    line.append("\",\"text\":\"")
    line.append(ascii: listing.text[instruction.text])
    line.append("\"")
    if !instruction.isValid { line.append(",\"bad\":true") }
    if let target = instruction.target {
      line.append(",\"target\":\"0x")
      line.append(hexadecimal: target)
      line.append("\"")
    }
    if let index = instruction.targetName {
      let symbol = listing.targets[index]
      line.append(",\"targetName\":")
      line.append(ascii: try quoted(symbol.name)[...])
      line.append(",\"targetOffset\":")
      line.append(decimal: symbol.offset)
    }
    if let index = instruction.source {
      let source = listing.sources[index]
      line.append(",\"file\":")
      line.append(ascii: try quoted(source.path)[...])
      if let number = source.line { line.append(",\"line\":\(number)") }
    }
    if let words, !instruction.rows.isEmpty {
      line.append(",\"rows\":[")
      for (index, row) in listing.rows[instruction.rows].enumerated() {
        if index > 0 { line.append(",") }
        rows.append(row, words: words, bytes: listing.head.frame?.records.bytes ?? [], to: &line)
      }
      line.append("]")
    }
    line.append("}")
  }

  private func append(notes: ArraySlice<ListingNote>, to json: inout JSONStream<some ByteOutput>) throws {
    for note in notes { try json.value(NoteJSON(note)) }
  }

  /// A name as a JSON string, encoded once.
  private mutating func quoted(_ text: String) throws -> [UInt8] {
    if let known = names[text] { return known }
    let bytes = try JSONFragment(text).bytes
    names[text] = bytes
    return bytes
  }
}

/// A function without its lines: what stands at the head of a function's object.
struct HeadJSON: Encodable {
  var name: String?
  var rawName: String?
  var offset: UInt64?
  var section: String
  var start: String
  var end: String
  var fde: FDEJSON?
  var cie: CIEJSON?

  init(_ head: ListingHead) {
    name = head.symbol?.name
    rawName = head.symbol?.rawName
    offset = head.symbol.flatMap { $0.offset == 0 ? nil : $0.offset }
    section = head.section
    start = hexadecimal(head.addresses.lowerBound)
    end = hexadecimal(head.addresses.upperBound)
    fde = head.frame.map(FDEJSON.init)
    cie = head.frame.map(CIEJSON.init)
  }
}

/// The record of a function.
struct FDEJSON: Encodable {
  var section: String
  var offset: Int
  var start: String
  var end: String
  var lsda: String?
  var others: [String]?

  init(_ frame: ListedFrame) {
    section = frame.records.name
    offset = frame.fde.offset
    start = hexadecimal(frame.fde.addresses.lowerBound)
    end = hexadecimal(frame.fde.addresses.upperBound)
    lsda = frame.fde.lsda.map { hexadecimal($0.value) }
    others = frame.others.isEmpty ? nil : frame.others.map { "\($0.section)+\(hexadecimal(UInt64($0.offset)))" }
  }
}

/// What the record shares with others.
struct CIEJSON: Encodable {
  var offset: Int
  var augmentation: String
  var returnAddressRegister: String
  var signalFrame: Bool?
  var personality: String?
  var personalityName: String?
  /// `personality` is the address of the pointer to it.
  var personalityIsIndirect: Bool?

  init(_ frame: ListedFrame) {
    offset = frame.cie.offset
    augmentation = frame.cie.augmentation
    returnAddressRegister = RegisterNames.name(frame.cie.returnAddressRegister)
    signalFrame = frame.cie.isSignalFrame ? true : nil
    personality = frame.cie.personality.map { hexadecimal($0.value) }
    personalityName = frame.personality?.name
    personalityIsIndirect = frame.cie.personality.flatMap { $0.isIndirect ? true : nil }
  }
}

/// What is said between instructions.
private struct NoteJSON: Encodable {
  var label: String?
  var address: String?
  var noRows: String?
  var overrun: String?

  init(_ note: ListingNote) {
    switch note {
    case .label(let symbol, let place):
      label = symbol.name
      address = hexadecimal(place)
    case .noRows(let reason): noRows = reason
    case .overrun(let end): overrun = hexadecimal(end)
    }
  }
}
