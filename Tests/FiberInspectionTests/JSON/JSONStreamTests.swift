import Foundation
import Testing

@testable import FiberInspection

@Suite struct JSONStreamTests {
  private struct Pair: Encodable {
    var a = 1
    var b: String?
  }

  private func text(_ write: (inout JSONStream<Pieces>) throws -> Void) throws -> String {
    var json = JSONStream(Pieces())
    try write(&json)
    return String(decoding: json.finish().bytes, as: UTF8.self)
  }

  @Test func piecesMakeTheDocumentThatTheyStandFor() throws {
    let text = try text { json in
      json.beginObject()
      try json.member("one", 1)
      try json.member("none", Int?.none)
      json.key("list")
      json.beginArray()
      try json.value("x")
      json.splice(try JSONFragment(Pair(b: "y")))
      json.beginObject()
      try json.members(of: Pair())
      try json.member("c", [true])
      json.endObject()
      json.beginArray()
      json.endArray()
      json.endArray()
      json.endObject()
    }
    #expect(text == #"{"one":1,"list":["x",{"a":1,"b":"y"},{"a":1,"c":[true]},[]]}"# + "\n")
  }

  @Test func linesAreForElementsOfTheArraysThatWantThem() throws {
    let text = try text { json in
      json.beginObject(lines: true)
      json.key("list")
      json.beginArray(lines: true)
      for number in 1...2 { try json.value([number, number]) }
      json.endArray()
      json.key("empty")
      json.beginArray(lines: true)
      json.endArray()
      json.endObject()
    }
    #expect(text == "{\n\"list\":[\n[1,1],\n[2,2]\n],\n\"empty\":[]\n}\n")
  }

  @Test(arguments: [
    "plain/text", "\"\\\n\u{1b}[31m\u{0}", "\u{7f}\u{9b}31m", "\u{202e}\u{2066}bidi\u{2028}", "é ü 漢字 🙂",
    "\u{e0041}tag",
    String(decoding: [0x61, 0xff, 0xc3] as [UInt8], as: UTF8.self),
  ])
  func everyStringComesBackAndNoneDrivesATerminal(_ string: String) throws {
    let bytes = try JSONFragment([string]).bytes
    #expect(try JSONDecoder().decode([String].self, from: Data(bytes)) == [string])
    let scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars
    #expect(scalars.allSatisfy { !$0.isUnprintable })
  }

  @Test func whatShowsAsItselfStaysReadable() throws {
    let fragment = try JSONFragment("é/漢字 🙂")
    #expect(String(decoding: fragment.bytes, as: UTF8.self) == "\"é/漢字 🙂\"")
  }

  @Test func aLongDocumentIsWrittenInLargePieces() throws {
    var json = JSONStream(Pieces())
    json.beginArray(lines: true)
    for number in 0..<100_000 { json.splice(try JSONFragment(number)) }
    json.endArray()
    let output = json.finish()
    #expect(output.sizes.dropLast().allSatisfy { $0 >= 1 << 16 && $0 < 1 << 17 })
    #expect(try JSONDecoder().decode([Int].self, from: Data(output.bytes)) == Array(0..<100_000))
  }
}

/// Keeps what is written.
struct Pieces: ByteOutput {
  var bytes: [UInt8] = []
  var sizes: [Int] = []

  mutating func write(_ bytes: [UInt8]) {
    self.bytes += bytes
    sizes.append(bytes.count)
  }
}
