import Testing

@testable import FiberInspection

@Suite struct TextBufferTests {
  private func text(_ body: (inout TextBuffer) -> Void, colors: Bool = false) -> String {
    var buffer = TextBuffer(usesColor: colors)
    body(&buffer)
    return String(decoding: buffer.bytes, as: UTF8.self)
  }

  @Test func numbersAreWrittenAsTheStandardLibraryWritesThem() {
    for value in [0, 1, 9, 10, 15, 16, 255, 0x1000, UInt64(Int64.max), .max] as [UInt64] {
      #expect(text { $0.append(hexadecimal: value) } == String(value, radix: 16))
      #expect(text { $0.append(decimal: value) } == "\(value)")
    }
    #expect(text { $0.append(hexadecimal: 0xab, width: 5) } == "   ab")
    #expect(text { $0.append(signed: .min) } == "-9223372036854775808")
    #expect(text { $0.append(signed: 8) } == "+8")
  }

  @Test func columnsCountCharactersNotBytes() {
    let line = text(
      { buffer in
        buffer.append("é")
        buffer.styled(.bold) { $0.append("b") }
        buffer.pad(to: 4)
        buffer.append("|")
      }, colors: true)
    #expect(line == "é\u{1b}[1mb\u{1b}[0m  |")
  }

  @Test func linesEndWithoutSpaces() {
    #expect(
      text {
        $0.append("a  ")
        $0.endLine()
        $0.append(spaces: 3)
        $0.endLine()
      } == "a\n\n")
  }

  @Test func whatWasWrittenCanBeTakenBack() {
    let line = text(
      { buffer in
        buffer.append("keep")
        let mark = buffer.mark
        buffer.styled(.bold) { $0.append("é") }
        buffer.goBack(to: mark)
        buffer.pad(to: 6)
        buffer.append("|")
      }, colors: true)
    #expect(line == "keep  |")
  }
}
