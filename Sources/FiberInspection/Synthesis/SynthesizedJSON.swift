internal import CallFrameInfo
internal import FrameVerification

/// Synthesized call frame information as one JSON document; Docs/cfi-json.md has the schema.
enum SynthesizedJSON {
  /// The version of the document's schema.
  static let version = 1

  static func write(
    _ listing: SynthesizedListing, of file: ListedFile, problems: [String], to json: inout JSONStream<some ByteOutput>
  ) throws {
    json.beginObject(lines: true)
    try json.member("version", version)
    try json.member("file", file.path)
    try json.member("buildID", file.elf.buildID?.hexadecimal)
    try json.member("name", listing.name?.name)
    try json.member("assumptions", FlowCheck.assumptions)
    try json.member("unresolvedJumps", listing.unresolvedJumps.map(hexadecimal))
    try json.member("jumpsInto", listing.others)
    json.key("parts")
    json.beginArray(lines: true)
    for part in listing.parts {
      json.beginObject()
      try json.members(of: PartJSON(part))
      json.key("lines")
      json.beginArray(lines: true)
      for line in part.lines { try json.value(LineJSON(line)) }
      json.endArray()
      json.endObject()
    }
    json.endArray()
    try json.member("problems", problems)
    json.endObject()
  }

  /// A part without its lines.
  private struct PartJSON: Encodable {
    var name: String?
    var rawName: String?
    var start: String
    var end: String
    var entry: Bool
    var agreeing: Int
    var undecided: Int
    var differing: Int

    init(_ part: SynthesizedListing.Part) {
      name = part.name?.name
      rawName = part.name?.rawName
      start = hexadecimal(part.addresses.lowerBound)
      end = hexadecimal(part.addresses.upperBound)
      entry = part.isEntry
      agreeing = part.agreeing
      undecided = part.undecided
      differing = part.differing
    }
  }

  /// An instruction.
  private struct LineJSON: Encodable {
    var address: String
    var text: String
    var file: String?
    var line: Int?
    var directives: [String]?
    var notDerived: String?
    var assumed: Bool?
    var fileRow: String?
    var fileRowIsWrong: Bool?
    var endlessCall: Bool?

    init(_ line: SynthesizedListing.Line) {
      address = hexadecimal(line.address)
      text = line.text
      file = line.source?.path
      self.line = line.source?.line
      directives = line.directives.isEmpty ? nil : line.directives.map(\.text)
      notDerived = line.gap?.sentence
      assumed = line.isAssumed ? true : nil
      fileRow = line.fileRow?.words
      fileRowIsWrong = line.fileRow?.isWrong
      endlessCall = line.isEndlessCall ? true : nil
    }
  }
}
