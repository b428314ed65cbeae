/// What a debugger is answered.
package struct StubReply {
  /// Data of the packet; empty where a request is not supported. nil: the protocol has no answer to this request.
  package var data: [UInt8]?
  /// A line for the user, where debuggers show nothing or not the reason of an error.
  package var line: String?
  /// The debugger leaves.
  package var isLast = false
  /// No packet after this one is acknowledged.
  package var endsAcknowledgement = false

  /// A packet with this data.
  init(_ data: [UInt8], line: String? = nil) {
    self.data = data
    self.line = line
  }

  /// A packet with this text.
  init(_ text: String, line: String? = nil) { self.init(Array(text.utf8), line: line) }

  /// A request that is not supported, or not known.
  static let unsupported = StubReply("")
  static let ok = StubReply("OK")

  /// An error that says why. Not for requests whose answer is hexadecimal data: to gdb before 15 "E." begins some.
  static func error(_ text: String, line: String? = nil) -> StubReply { StubReply("E.\(text)", line: line) }

  /// An error by number alone (errno.h).
  static func error(number: UInt8) -> StubReply {
    StubReply("E" + (number < 16 ? "0" : "") + PacketText.hexadecimal(number))
  }

  /// A part of an object that is read piece by piece (`qXfer`): "m" and a piece, or "l" and the last one.
  static func part(_ offset: UInt64, _ count: UInt64, of object: [UInt8]) -> StubReply {
    guard offset < UInt64(object.count) else { return StubReply("l") }
    let start = Int(offset)
    let wanted = object[start...].prefix(Int(clamping: count))
    let (text, taken) = PacketText.escaped(wanted, limit: PacketReader.limit - 1)
    return StubReply([UInt8(ascii: start + taken == object.count ? "l" : "m")] + text)
  }
}
