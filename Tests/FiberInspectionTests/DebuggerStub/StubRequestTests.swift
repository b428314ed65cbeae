import TestSupport
import Testing

@testable import FiberInspection

/// Each request on a made-up process: thread 7, fiber 1 suspended, fiber 2 not started.
@Suite struct StubRequestTests {
  private static let code: [UInt64: UInt64] = [
    0x10_f000: 0x1122_3344_5566_7788, 0x10_f008: FakeCode.body, 0x20_f000: 1, 0x20_f008: FakeCode.start,
  ]

  static func stub(
    signal: Int32 = 0, notes: CoreThreadNotes = CoreThreadNotes(), origin: DebuggerStub.Origin = .process(4711)
  ) throws -> DebuggerStub {
    var process = FakeProcess()
    process.fibers = [
      .fake(1, name: "a<b", count: 2).with { $0.waitReason = "for \"tick\" & tock" }, .fake(2, count: 0),
    ]
    process.memory = Words(code)
    process.addThread(7, sp: 0x7fff_0000, signal: signal, .running([], sp: 0x7fff_0000))
    return try DebuggerStub(process.snapshot, registerNotes: notes, root: "/nowhere", origin: origin)
  }

  private func answer(_ request: String, _ stub: inout DebuggerStub) -> String? {
    stub.reply(to: Array(request.utf8)).data.map { String(decoding: $0, as: UTF8.self) }
  }

  private func answers(_ requests: [String], signal: Int32 = 0) throws -> [String?] {
    var stub = try Self.stub(signal: signal)
    return requests.map { answer($0, &stub) }
  }

  @Test func itSaysWhatItCan() throws {
    var stub = try Self.stub()
    #expect(answer("qSupported:swbreak+", &stub)?.contains("multiprocess") == false)
    let features = try #require(answer("qSupported:multiprocess+;swbreak+", &stub))
    #expect(features.hasPrefix("PacketSize=20000;QStartNoAckMode+;"))
    #expect(features.hasSuffix(";multiprocess+"))
    #expect(stub.reply(to: Array("QStartNoAckMode".utf8)).endsAcknowledgement)
  }

  @Test func unknownRequestsAreAnsweredByNothing() throws {
    let requests = ["", "vMustReplyEmpty", "qTStatus", "!", "vRun", "qFoo:1", "x0,1", "vFile:nothing:1", "vFile:"]
    #expect(try answers(requests).allSatisfy { $0 == "" })
  }

  @Test func threadsAreNamedWithOrWithoutTheProcess() throws {
    #expect(try answers(["?", "qC"]) == ["T00thread:7;", "QC7"])
    #expect(
      try answers(["qSupported:multiprocess+", "?", "qfThreadInfo", "qsThreadInfo"]).dropFirst()
        == ["T00thread:p1267.7;", "mp1267.7,p1267.3b9aca01,p1267.3b9aca02", "l"])
  }

  @Test func aSignalThatEndedTheProcessIsToldByItsNumberInGdb() throws {
    #expect(try answers(["?"], signal: 11) == ["T0bthread:7;"])
    #expect(try answers(["?"], signal: 7) == ["T0athread:7;"])
    #expect(try answers(["?"], signal: 34) == ["T2ethread:7;"])
  }

  @Test func threadsAreChosenAndOthersRefused() throws {
    let answers = try answers([
      "T3b9aca01", "Tp1267.3b9aca01", "T8", "Tp1.7", "Hg3b9aca01", "qC", "Hg0", "qC", "Hc-1", "Hg8", "qC", "Hgp1267.7",
      "qC", "Hgx", "H",
    ])
    #expect(answers[0] == "OK" && answers[1] == "OK")
    #expect(answers[2...3].allSatisfy { $0 == "E.there is no such thread" })
    #expect(
      answers[4...] == [
        "OK", "QC3b9aca01", "OK", "QC3b9aca01", "OK", "E.there is no such thread", "QC3b9aca01", "OK", "QC7",
        "E.a thread is missing", "E.a thread is missing",
      ])
  }

  @Test func theListOfThreadsTellsNamesAndStates() throws {
    let list = try #require(try answers(["qXfer:threads:read::0,20000"])[0])
    #expect(list.first == "l")
    #expect(list.contains("<thread id=\"7\" name=\"program\"></thread>"))
    #expect(
      list.contains(
        "<thread id=\"3b9aca01\" name=\"fiber 1 a&lt;b\">suspended: for &quot;tick&quot; &amp; tock</thread>"))
    #expect(list.contains("<thread id=\"3b9aca02\" name=\"fiber 2\">not started</thread>"))
    let details = try #require(try answers(["qThreadExtraInfo,3b9aca02"])[0])
    #expect(PacketText.bytes(Array(details.utf8)) == Array("fiber 2, not started".utf8))
  }

  @Test func objectsAreReadPieceByPiece() throws {
    var stub = try Self.stub()
    let whole = try #require(answer("qXfer:features:read:target.xml:0,20000", &stub))
    var pieces = ""
    while true {
      let piece = try #require(
        answer("qXfer:features:read:target.xml:\(String(pieces.utf8.count, radix: 16)),100", &stub))
      pieces += piece.dropFirst()
      if piece.first == "l" { break }
      #expect(piece.first == "m" && piece.utf8.count == 257)
    }
    #expect("l" + pieces == whole)
    #expect(answer("qXfer:features:read:target.xml:ffffffffffffffff,ffffffffffffffff", &stub) == "l")
    #expect(answer("qXfer:features:read:target.xml:0,0", &stub) == "m")
  }

  @Test func objectsThatAreNotThereAreErrors() throws {
    let requests = [
      "qXfer:features:read:other.xml:0,10", "qXfer:auxv:read::0,10", "qXfer:exec-file:read:1267:0,10",
      "qXfer:siginfo:read::0,10", "qXfer:threads:read::0", "qXfer:threads:read::x,1", "qXfer:threads:read",
      "qXfer:threads:read::0,1:2",
    ]
    #expect(try answers(requests).allSatisfy { $0?.first == "E" })
    #expect(try answers(["qXfer:memory-map:read::0,10"]) == [""])
  }

  @Test func memoryIsReadAsFarAsItIsKnown() throws {
    let answers = try answers(["m10f000,8", "m20f008,8", "m1,8", "m10f000,0", "m10f000", "m,", "m10f000,8,8", "mx,1"])
    #expect(answers[0...1] == ["8877665544332211", "0012000000000000"])
    #expect(answers[2] == "E0e")
    #expect(answers[3] == "")
    #expect(answers[4...].allSatisfy { $0 == "E16" })
    // Neither an overflow nor a length that nothing has.
    #expect(try self.answers(["mffffffffffffffff,ffffffffffffffff", "m0,7fffffffffffffff"]) == ["E0e", "E0e"])
  }

  @Test func registersOfASuspendedFiberAreThreeAndTheOthersUnknown() throws {
    var stub = try Self.stub()
    _ = answer("Hg3b9aca01", &stub)
    let packet = try #require(answer("g", &stub))
    var position = 0
    var known: [String: String] = [:]
    for register in stub.description.registers {
      let text = packet.dropFirst(position).prefix(register.bits / 4)
      position += text.count
      if !text.allSatisfy({ $0 == "x" }) { known[register.name] = String(text) }
    }
    #expect(position == packet.utf8.count)
    #expect(
      known == ["rip": "0811000000000000", "rbp": "00f0100000000000", "rsp": "00f0100000000000"])
    #expect(answer("p10", &stub) == "0811000000000000")
    #expect(answer("p0", &stub) == "xxxxxxxxxxxxxxxx")
    #expect(answer("p1000", &stub) == "E16")
    #expect(answer("p", &stub) == "E16")
  }

  @Test func whatWouldChangeOrRunSomethingIsRefusedWithTheReason() throws {
    let running = ["c", "C05", "s", "S05", "vCont;c", "vCont;s:p1267.7;c"]
    for (origin, why) in [
      (
        DebuggerStub.Origin.process(4711),
        "this is a snapshot of process 4711 and cannot be continued: the process itself "
      ),
      (.core(path: "/tmp/core"), "this is a core and cannot be continued"),
    ] {
      var stub = try Self.stub(origin: origin)
      for request in running { #expect(answer(request, &stub)?.hasPrefix("E.\(why)") == true, "\(request)") }
    }
    var stub = try Self.stub()
    for request in ["M10f000,1:00", "X10f000,1:a", "G00", "P0=00", "qXfer:siginfo:write::0:00"] {
      #expect(answer(request, &stub)?.hasPrefix("E.") == true, "\(request)")
    }
    // gdb tells nothing of the reason for these.
    for request in ["M10f000,1:00", "X10f000,1:a", "vKill;1267"] {
      #expect(stub.reply(to: Array(request.utf8)).line?.contains("cannot be") == true, "\(request)")
    }
    #expect(stub.reply(to: Array("X10f000,0:".utf8)).line == nil)
    #expect(answer("m10f000,8", &stub) == "8877665544332211")
  }

  @Test func aDebuggerLeavesByDetachAndByAKillThatKillsNothing() throws {
    var stub = try Self.stub()
    #expect(stub.reply(to: Array("D;1267".utf8)).isLast)
    let killed = stub.reply(to: Array("k".utf8))
    #expect(killed.isLast && killed.data == nil && killed.line?.contains("cannot be killed") == true)
    #expect(!stub.reply(to: Array("vKill;1267".utf8)).isLast)
  }

  @Test func aSnapshotWithoutAnyRegisterCannotBeServed() {
    #expect(throws: InspectionError.self) {
      try DebuggerStub(
        FakeProcess().snapshot, registerNotes: CoreThreadNotes(), root: "", origin: .core(path: "/tmp/core"))
    }
  }

  @Test func threadsWithAnIdTwiceOrNoneAreLeftOutAndCounted() throws {
    var process = FakeProcess()
    for id: Int32 in [7, 7, 0, -1] { process.addThread(id, sp: 0x7fff_0000, .running([], sp: 0x7fff_0000)) }
    let stub = try DebuggerStub(
      process.snapshot, registerNotes: CoreThreadNotes(), root: "", origin: .core(path: "/tmp/core"))
    #expect(stub.threads.all.map(\.id) == [7])
    #expect(stub.problems.last?.description == "3 threads without registers, or with an id twice, left out")
  }

  /// Whatever comes: an answer of bounded size, and no trap.
  @Test func requestsAtRandomAreAnswered() throws {
    var stub = try Self.stub()
    var random = SplitMix(state: 5)
    let words = [
      "qXfer:", "features:", "threads:", "read:", "target.xml:", "vFile:", "open:", "pread:", "close:", "fstat:",
      "readlink:", "vCont;", "vCont?", "Hg", "p", "m", "M", "X", "Z0,", "qThreadExtraInfo,", "T", "p1267.", "-1",
      "ffffffffffffffff",
      ",", ":", ";", ".", "0", "7", "3b9aca01", "2f70726f63", "k", "D", "g", "G", "qSupported:", "QStartNoAckMode",
      "\u{0}", "é",
    ]
    for _ in 0..<20_000 {
      var request: [UInt8] = []
      for _ in 0..<Int.random(in: 0...6, using: &random) {
        if Int.random(in: 0..<8, using: &random) == 0 {
          request.append(UInt8.random(in: 0...255, using: &random))
        } else {
          request += Array(words.randomElement(using: &random)!.utf8)
        }
      }
      let reply = stub.reply(to: request)
      #expect((reply.data?.count ?? 0) <= PacketReader.limit, "\(String(decoding: request, as: UTF8.self))")
    }
  }
}
