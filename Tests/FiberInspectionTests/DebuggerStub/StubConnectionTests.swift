import Foundation
import TestSupport
import Testing

@testable import FiberInspection

/// Sessions over descriptors.
@Suite struct StubConnectionTests {
  /// What a stub writes when `input` comes, and how the session ends.
  private func session(_ input: [UInt8]) throws -> (output: String, end: StubConnection.End, lines: [String]) {
    let directory = try TemporaryDirectory()
    try Data(input).write(to: URL(filePath: directory.file("input")))
    try directory.write("", to: "output")
    let requests = try FileHandle(forReadingFrom: URL(filePath: directory.file("input")))
    let answers = try FileHandle(forWritingTo: URL(filePath: directory.file("output")))
    let said = Lines()
    let connection = StubConnection(
      input: requests.fileDescriptor, output: answers.fileDescriptor, say: { said.lines.append($0) })
    var stub = try StubRequestTests.stub()
    let end = connection.serve(&stub)
    let output = try Data(contentsOf: URL(filePath: directory.file("output")))
    return (String(decoding: output, as: UTF8.self), end, said.lines)
  }

  private final class Lines { var lines: [String] = [] }

  private func session(_ input: String) throws -> (output: String, end: StubConnection.End, lines: [String]) {
    try session(Array(input.utf8))
  }

  /// As debuggers send them, without runs.
  private func packet(_ text: String) -> String { String(decoding: PacketText.framed(Array(text.utf8)), as: UTF8.self) }

  @Test func packetsAreAcknowledgedUntilItIsAgreedNotTo() throws {
    let output = try session("+" + packet("qC") + packet("QStartNoAckMode") + packet("qC")).output
    #expect(output == "+" + packet("QC7") + "+" + packet("OK") + packet("QC7"))
  }

  @Test func aDamagedPacketIsAskedForAgainAndALostAnswerRepeated() throws {
    #expect(try session("$qC#00" + packet("qC") + "-+").output == "-+" + packet("QC7") + packet("QC7"))
  }

  @Test func withoutAcknowledgementADamagedPacketIsAnError() throws {
    let output = try session(packet("QStartNoAckMode") + "$qC#00-" + packet("qC")).output
    #expect(output == "+" + packet("OK") + packet("E.a damaged packet") + packet("QC7"))
  }

  @Test func aPacketThatIsTooLongIsAnErrorAndTheNextIsAnswered() throws {
    let long = String(repeating: "m", count: 3 * PacketReader.limit)
    let output = try session(packet(long) + packet("qC")).output
    let isNamed = output == "+" + packet("E.a packet of more than 131072 bytes") + "+" + packet("QC7")
    #expect(isNamed)
  }

  @Test func theEndOfInputIsALeaveBetweenPacketsAndABreakInside() throws {
    #expect(try session("").end == .left)
    #expect(try session(packet("qC")).end == .left)
    #expect(try session("$q").end == .broken(0))
    #expect(try session("$qC#6").end == .broken(0))
  }

  @Test func nothingIsAnsweredAfterALeave() throws {
    let (output, end, _) = try session(packet("D") + packet("qC"))
    #expect(output == "+" + packet("OK"))
    #expect(end == .left)
    let (_, _, lines) = try session(packet("k") + packet("M10f000,1:00"))
    #expect(lines.count == 1)
  }

  @Test func bytesAtRandomEndInALeaveOrABreak() throws {
    var random = SplitMix(state: 11)
    let frequent = Array("$#+-gqmMvHTpDkX0123456789abcdef,:;}*".utf8)
    for _ in 0..<200 {
      let bytes = (0..<Int.random(in: 0...2000, using: &random)).map { _ in
        Int.random(in: 0..<4, using: &random) == 0
          ? UInt8.random(in: 0...255, using: &random) : frequent.randomElement(using: &random)!
      }
      let end = try session(bytes).end
      #expect(end == .left || end == .broken(0))
    }
  }

  /// The debugger asks while there is no stub yet.
  @Test func aDebuggerThatHasToWaitIsAnsweredInOnePacket() throws {
    let requests = Pipe()
    let answers = Pipe()
    let connection = StubConnection(
      input: requests.fileHandleForReading.fileDescriptor, output: answers.fileHandleForWriting.fileDescriptor,
      say: { _ in })
    connection.wait()
    try requests.fileHandleForWriting.write(contentsOf: Data(("+" + packet("qSupported:x") + packet("D")).utf8))
    let start = ContinuousClock.now
    for second in 0...2 { connection.wait(at: start + .seconds(second)) }
    var stub = try StubRequestTests.stub()
    #expect(connection.serve(&stub) == .left)
    try answers.fileHandleForWriting.close()
    let output = Array(try #require(try answers.fileHandleForReading.readToEnd()))
    #expect(output.first == UInt8(ascii: "+"))
    var reader = PacketReader()
    let events = output.dropFirst().compactMap { reader.take($0) }
    guard case .packet(let features) = events.first else {
      Issue.record("\(String(decoding: output, as: UTF8.self))")
      return
    }
    let text = String(decoding: features, as: UTF8.self)
    #expect(text.hasPrefix("copying-the-process.-;PacketSize=20* ;"))
    #expect(events.dropFirst() == [.received, .packet(Array("OK".utf8))])
  }
}
