extension DebuggerStub {
  /// Requests that begin with "q" or "Q".
  mutating func query(_ packet: [UInt8]) -> StubReply {
    // Its name ends with the first mark that no name has.
    let end = packet.firstIndex { [UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: ";")].contains($0) }
    let name = String(decoding: packet[..<(end ?? packet.endIndex)], as: UTF8.self)
    let rest = end.map { packet[($0 + 1)...] } ?? []
    switch name {
    case "qSupported":
      let features = rest.split(separator: UInt8(ascii: ";"))
      threads.namesProcess = features.contains { $0.elementsEqual("multiprocess+".utf8) }
      return StubReply(ownFeatures)
    case "QStartNoAckMode":
      var reply = StubReply.ok
      reply.endsAcknowledgement = true
      return reply
    case "qXfer": return transfer(rest)
    case "qAttached": return StubReply("1")
    case "qC": return StubReply("QC" + threads.text(threads.all[current]))
    case "qfThreadInfo": return list(fromStart: true)
    case "qsThreadInfo": return list(fromStart: false)
    case "qThreadExtraInfo": return details(rest)
    case "qSymbol": return .ok
    default: return .unsupported
    }
  }

  /// What this server can do.
  private var ownFeatures: String {
    "PacketSize=\(PacketText.hexadecimal(PacketReader.limit));QStartNoAckMode+;vContSupported+;qXfer:features:read+;"
      + "qXfer:threads:read+;qXfer:auxv:read+;qXfer:exec-file:read+;qXfer:siginfo:read+"
      + (threads.namesProcess ? ";multiprocess+" : "")
  }

  /// `qXfer:OBJECT:read:ANNEX:OFFSET,LENGTH`.
  private mutating func transfer(_ request: ArraySlice<UInt8>) -> StubReply {
    let parts = request.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard parts.count >= 4 else { return .error(number: 22) }
    let object = String(decoding: parts[0], as: UTF8.self)
    let annex = String(decoding: parts[2], as: UTF8.self)
    guard parts[1].elementsEqual("read".utf8) else {
      return .error("a snapshot cannot be changed", line: refusal("changed"))
    }
    let numbers = parts[3].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    guard parts.count == 4, numbers.count == 2, let offset = PacketText.number(numbers[0]),
      let count = PacketText.number(numbers[1])
    else { return .error(number: 22) }
    guard Self.objects.contains(object) else { return .unsupported }
    guard let document = document(object, annex: annex) else { return .error(number: 2) }
    return .part(offset, count, of: document)
  }

  private static let objects: Set = ["features", "threads", "auxv", "exec-file", "siginfo"]

  /// nil if there is none.
  private mutating func document(_ object: String, annex: String) -> [UInt8]? {
    switch object {
    case "siginfo": return signalInformation
    case "auxv": return registerNotes.auxiliary.isEmpty ? nil : registerNotes.auxiliary
    case "exec-file": return executable.map { Array($0.utf8) }
    case "features" where annex != "target.xml": return nil
    default: break
    }
    if let known = documents[object] { return known }
    let document = object == "features" ? Array(description.xml.utf8) : threads.document
    documents[object] = document
    return document
  }
}
