internal import Glibc

/// A debugger on two descriptors: reads packets, has them answered, writes the answers.
package final class StubConnection {
  /// How a session ended.
  package enum End: Equatable {
    /// The debugger has left, or closed its end between two packets.
    case left
    /// The input ended inside a packet, or could not be read: errno, 0 at an end of file.
    case broken(Int32)
  }

  private let input: Int32
  private let output: Int32
  /// Shows a line to the user.
  private let say: (String) -> Void
  private var reader = PacketReader()
  private var acknowledges = true
  /// What was sent last, for when it gets lost.
  private var last: [UInt8] = []
  private var isOver = false
  private var patience = StubPatience()

  /// - Parameters:
  ///   - input: where requests come from.
  ///   - output: where answers go to.
  ///   - say: shows a line to the user.
  package init(input: Int32, output: Int32, say: @escaping (String) -> Void) {
    self.input = input
    self.output = output
    self.say = say
  }

  /// Keeps the debugger waiting for its first answer: to be called now and then until there is a stub. Never blocks for long.
  ///
  /// - Parameter now: the time; something is sent at most once a second.
  package func wait(at now: ContinuousClock.Instant = .now) {
    if patience.request == nil {
      var ready = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&ready, 1, 0) == 1 else { return }
      var byte: UInt8 = 0
      // Byte by byte: what comes after the first request stays for `serve`.
      while patience.request == nil, unsafe poll(&ready, 1, 0) == 1, unsafe read(input, &byte, 1) == 1 {
        guard case .packet(let data) = reader.take(byte) else { continue }
        patience.begin(data, at: now)
        write([UInt8(ascii: "+")])
      }
    }
    write(patience.sign(at: now))
  }

  /// Answers until the debugger leaves.
  package func serve(_ stub: inout DebuggerStub) -> End {
    if let request = patience.request { take(stub.reply(to: request)) }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while !isOver {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(input, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let error = count < 0 ? errno : 0
        return count == 0 && !reader.isInsidePacket ? .left : .broken(error)
      }
      for byte in buffer[..<count] where !isOver {
        if let event = reader.take(byte) { answer(event, by: &stub) }
      }
    }
    return .left
  }

  private func answer(_ event: PacketReader.Event, by stub: inout DebuggerStub) {
    switch event {
    case .packet(let data):
      if acknowledges { write([UInt8(ascii: "+")]) }
      take(stub.reply(to: data))
    case .damaged:
      // Without acknowledgement nobody would send it again: an answer keeps both sides in step.
      if acknowledges { write([UInt8(ascii: "-")]) } else { send(StubReply.error("a damaged packet").data ?? []) }
    case .tooLong:
      if acknowledges { write([UInt8(ascii: "+")]) }
      send(StubReply.error("a packet of more than \(PacketReader.limit) bytes").data ?? [])
    case .lost: if acknowledges { write(last) }
    // Nothing runs that could be stopped.
    case .received, .interrupt: break
    }
  }

  private func take(_ reply: StubReply) {
    if let line = reply.line { say(line) }
    if let data = reply.data { send(data) }
    if reply.endsAcknowledgement { acknowledges = false }
    if reply.isLast { isOver = true }
  }

  private func send(_ data: [UInt8]) {
    let begun = patience.end()
    last = PacketText.packet(begun.isEmpty ? data : begun + StubPatience.separator + data)
    // Its "$" and what follows were sent while the debugger waited.
    write(begun.isEmpty ? last : Array(last.dropFirst(1 + begun.count)))
  }

  private func write(_ bytes: [UInt8]) {
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { bytes in
        unsafe Glibc.write(output, bytes.baseAddress?.advanced(by: done), bytes.count - done)
      }
      if count < 0, errno == EINTR { continue }
      // Who does not read has left.
      guard count > 0 else { return isOver = true }
      done += count
    }
  }
}
