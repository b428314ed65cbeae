import TestSupport
import Testing

@testable import FiberInspection

/// Packets of gdb's remote protocol.
@Suite struct PacketTests {
  private func events(_ text: String) -> [PacketReader.Event] { events(Array(text.utf8)) }

  private func events(_ bytes: [UInt8]) -> [PacketReader.Event] {
    var reader = PacketReader()
    return bytes.compactMap { reader.take($0) }
  }

  @Test func whatIsFramedIsReadAgain() {
    for text in ["", "g", "qSupported:multiprocess+", "m7ffe00000000,40"] {
      #expect(events(PacketText.framed(Array(text.utf8))) == [.packet(Array(text.utf8))])
    }
    #expect(PacketText.framed(Array("OK".utf8)) == Array("$OK#9a".utf8))
  }

  @Test func signsBetweenPacketsAreTold() {
    #expect(events("+-\u{3}noise+$g#67") == [.received, .lost, .interrupt, .received, .packet([0x67])])
  }

  @Test func aWrongSumOrNoDigitsMakeADamagedPacket() {
    #expect(events("$g#68$g#zz$g#6") == [.damaged, .damaged])
  }

  @Test func aPacketCutOffByAnotherIsForgotten() {
    #expect(events("$m7ff$g#67") == [.packet([0x67])])
  }

  @Test func aPacketThatIsTooLongIsNotKept() {
    let data = [UInt8](repeating: 0x61, count: PacketReader.limit + 1)
    let isTooLong = events(PacketText.framed(data)) == [.tooLong]
    #expect(isTooLong)
    let isKept = events(PacketText.framed(Array(data.dropLast()))) == [.packet(Array(data.dropLast()))]
    #expect(isKept)
  }

  @Test func anEndInsideAPacketIsKnown() {
    for (text, isInside) in [("", false), ("$", true), ("$g", true), ("$g#", true), ("$g#6", true), ("$g#67", false)] {
      var reader = PacketReader()
      for byte in text.utf8 { _ = reader.take(byte) }
      #expect(reader.isInsidePacket == isInside, "\(text)")
    }
  }

  @Test func numbersHaveOneToSixteenDigits() {
    #expect(PacketText.number(Array("ffffffffffffffff".utf8)) == .max)
    #expect(PacketText.number(Array("0000000000000000a".utf8)) == nil)
    #expect(PacketText.number(Array("".utf8)) == nil)
    #expect(PacketText.number(Array("-1".utf8)) == nil)
    #expect(PacketText.number(Array("0x1".utf8)) == nil)
    #expect(PacketText.bytes(Array("00fF".utf8)) == [0, 255])
    #expect(PacketText.bytes(Array("0".utf8)) == nil)
    #expect(PacketText.bytes(Array("0g".utf8)) == nil)
  }

  @Test func runsAreSentByTheirLengthWithoutTheProtocolsOwnCharacters() {
    #expect(PacketText.runs(Array("0000".utf8)) == Array("0* ".utf8))
    #expect(PacketText.runs(Array("aaab".utf8)) == Array("aaab".utf8))
    for count in 1...300 {
      let data = [UInt8(ascii: "y")] + [UInt8](repeating: UInt8(ascii: "x"), count: count) + [UInt8(ascii: "z")]
      let text = PacketText.runs(data)
      #expect(!text.contains(UInt8(ascii: "#")) && !text.contains(UInt8(ascii: "$")), "\(count)")
      #expect(text.count <= 4 + 3 * (1 + count / 90) + 6, "\(count)")
      // As gdb's `read_frame` undoes it.
      var whole: [UInt8] = []
      var position = 0
      while position < text.count {
        if text[position] == UInt8(ascii: "*"), let last = whole.last {
          whole += [UInt8](repeating: last, count: Int(text[position + 1]) - 29)
          position += 2
        } else {
          whole.append(text[position])
          position += 1
        }
      }
      #expect(whole == data, "\(count)")
    }
  }

  @Test func binaryDataIsEscapedAndCutBetweenBytes() {
    let all = Array(UInt8.min...UInt8.max)
    let (text, count) = PacketText.escaped(all, limit: 1000)
    #expect(count == 256)
    #expect(text.count == 260)
    #expect(!text.contains(0x23) && !text.contains(0x24) && !text.contains(0x2a))
    #expect(PacketText.escaped([0x23, 0x23], limit: 3) == ([0x7d, 0x03], 1))
  }
}

/// What keeps a debugger waiting.
@Suite struct StubPatienceTests {
  @Test func theAnswerToTheFirstRequestGrowsByAByteASecond() {
    var patience = StubPatience()
    let start = ContinuousClock.now
    #expect(patience.sign(at: start + .seconds(9)) == [])
    patience.begin(Array("qSupported:x".utf8), at: start)
    #expect(patience.sign(at: start + .milliseconds(999)) == [])
    #expect(patience.sign(at: start + .seconds(1)) == Array("$copying-the-process".utf8))
    #expect(patience.sign(at: start + .milliseconds(1999)) == [])
    #expect(patience.sign(at: start + .seconds(2)) == Array(".".utf8))
    #expect(patience.end() == Array("copying-the-process.".utf8))
    #expect(patience.end() == [])
  }

  @Test func anyOtherRequestWaitsInSilence() {
    var patience = StubPatience()
    patience.begin(Array("g".utf8), at: .now)
    #expect(patience.sign(at: .now + .seconds(5)) == [])
  }
}
