extension DebuggerStub {
  /// Requests that begin with "v".
  mutating func extended(_ packet: [UInt8]) -> StubReply {
    if packet.starts(with: "vFile:".utf8) { return file(packet.dropFirst("vFile:".utf8.count)) }
    if packet.elementsEqual("vCont?".utf8) { return StubReply("vCont;c;C;s;S") }
    if packet.starts(with: "vCont;".utf8) { return cannotRun }
    if packet.starts(with: "vKill".utf8) { return .error(refusal("killed"), line: refusal("killed")) }
    return .unsupported
  }

  /// `vFile`: "Host I/O Packets". Paths are hexadecimal.
  private mutating func file(_ request: ArraySlice<UInt8>) -> StubReply {
    guard var files else { return .unsupported }
    defer { self.files = files }
    guard let end = request.firstIndex(of: UInt8(ascii: ":")) else { return .unsupported }
    let operation = String(decoding: request[..<end], as: UTF8.self)
    let words = request[(end + 1)...].split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    func path() throws(StubFiles.Failure) -> String {
      guard let bytes = words.first.flatMap({ PacketText.bytes($0) }), !bytes.contains(0) else { throw .invalid }
      return String(decoding: bytes, as: UTF8.self)
    }
    func number(_ index: Int) throws(StubFiles.Failure) -> UInt64 {
      guard index < words.count, let number = PacketText.number(words[index]) else { throw .invalid }
      return number
    }
    do throws(StubFiles.Failure) {
      switch operation {
      // Whose view of the file system: there is one alone.
      case "setfs": return StubReply("F0")
      case "open": return StubReply("F" + PacketText.hexadecimal(try files.open(try path(), flags: try number(1))))
      case "close":
        try files.close(try number(0))
        return StubReply("F0")
      case "pread": return Self.data(try files.read(try number(0), count: try number(1), offset: try number(2)))
      case "fstat": return Self.data(try files.status(try number(0)))
      case "readlink": return Self.data(try files.link(try path()))
      case "pwrite", "unlink": throw .readOnly
      default: return .unsupported
      }
    } catch {
      return StubReply("F-1," + PacketText.hexadecimal(error.rawValue))
    }
  }

  private static func data(_ bytes: [UInt8]) -> StubReply {
    let (text, count) = PacketText.escaped(bytes, limit: PacketReader.limit - "F12345678;".utf8.count)
    return StubReply(Array("F\(PacketText.hexadecimal(count));".utf8) + text)
  }
}
