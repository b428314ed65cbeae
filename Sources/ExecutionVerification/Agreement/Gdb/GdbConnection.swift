internal import CProcess
internal import FiberInspection
internal import Glibc

/// A gdb that runs beside us: requests go to its script by a socket, and it asks for registers and memory by the line.
final class GdbConnection {
  /// gdb is given so long without a byte from it: it may be reading a gigabyte of debug information.
  private static let patience: Int32 = 120_000

  private let channel: Int32
  private let line: Int32
  /// Keeps the line open while gdb does not have it open.
  private let otherEnd: Int32
  private let process: pid_t
  private var reader = PacketReader()
  private var received: [UInt8] = []
  private var last: [UInt8] = []

  /// Starts gdb and waits until it has connected.
  ///
  /// - Throws: why there is no gdb.
  init(serving target: GdbTarget) throws(AgreementError) {
    guard let path = try? ProgramPath.find("gdb") else {
      throw AgreementError("gdb cannot be used: there is none in PATH (install gdb)")
    }
    var ends: [Int32] = [-1, -1]
    guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw AgreementError("gdb cannot be used: no socket could be made: \(SystemError(number: errno).text)")
    }
    var name = [CChar](repeating: 0, count: 128)
    var other: Int32 = -1
    let line = unsafe ft_open_line(&name, name.count, &other)
    guard line >= 0 else {
      ends.forEach { _ = close($0) }
      throw AgreementError("gdb cannot be used: no pseudo-terminal could be opened: \(SystemError(number: -line).text)")
    }
    let lineName = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // gdb as a user without settings has it, and without a word on the terminal.
    let arguments = [path, "-nx", "-batch", "-ex", GdbScript.command(line: lineName)]
    var copies: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) } + [nil]
    defer { unsafe copies.forEach { unsafe free($0) } }
    var failure: Int32 = 0
    let started = unsafe ft_start_apart(path, &copies, ends[1], &failure)
    _ = close(ends[1])
    channel = ends[0]
    self.line = line
    otherEnd = other
    process = started
    guard started > 0 else {
      throw AgreementError("gdb cannot be used: \(SystemError(number: started == 0 ? failure : -started).text)")
    }
    try check(answer(to: nil, serving: target))
  }

  deinit {
    // It ends when its requests do.
    for descriptor in [channel, line, otherEnd] { _ = close(descriptor) }
  }

  /// Has gdb do something of which only success is told.
  func perform(_ request: String, serving target: GdbTarget) throws(AgreementError) {
    try check(answer(to: request, serving: target))
  }

  private func check(_ answer: String) throws(AgreementError) {
    guard answer == "ok" else { throw AgreementError("gdb: \(answer)") }
  }

  /// The line that gdb answers a request with; meanwhile it is given what it asks for.
  ///
  /// - Parameter request: nil waits for the line that says it has started.
  func answer(to request: String?, serving target: GdbTarget) throws(AgreementError) -> String {
    if let request { try send(Array("\(request)\n".utf8)) }
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    while true {
      if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
        let answer = String(decoding: received[..<end], as: UTF8.self)
        received.removeSubrange(...end)
        return answer
      }
      var ready = [
        pollfd(fd: channel, events: Int16(POLLIN), revents: 0), pollfd(fd: line, events: Int16(POLLIN), revents: 0),
      ]
      let count = unsafe poll(&ready, 2, Self.patience)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        _ = kill(process, SIGKILL)
        throw AgreementError("gdb has not answered for \(Self.patience / 1000) seconds")
      }
      if ready[1].revents != 0 {
        let count = unsafe read(line, &buffer, buffer.count)
        if count > 0 { try serve(buffer[..<count], target) }
      }
      if ready[0].revents != 0 {
        let count = unsafe read(channel, &buffer, buffer.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw AgreementError("gdb has ended: does `gdb -nx -batch -ex 'python 1'` work?") }
        received += buffer[..<count]
      }
    }
  }

  private func send(_ bytes: [UInt8]) throws(AgreementError) {
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { bytes in
        unsafe Glibc.send(
          channel, bytes.baseAddress?.advanced(by: done), bytes.count - done, Int32(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw AgreementError("gdb has ended: \(SystemError(number: errno).text)") }
      done += count
    }
  }

  private func serve(_ bytes: ArraySlice<UInt8>, _ target: GdbTarget) throws(AgreementError) {
    for byte in bytes {
      switch reader.take(byte) {
      case .packet(let data):
        last = target.reply(to: data).map { PacketText.packet($0) } ?? []
        try write([UInt8(ascii: "+")] + last)
      case .damaged, .tooLong: try write([UInt8(ascii: "-")])
      case .lost: try write(last)
      case .received, .interrupt, nil: break
      }
    }
  }

  /// gdb reads all that it is sent before it asks again.
  private func write(_ bytes: [UInt8]) throws(AgreementError) {
    var done = 0
    while done < bytes.count {
      var ready = pollfd(fd: line, events: Int16(POLLOUT), revents: 0)
      guard unsafe poll(&ready, 1, Self.patience) != 0 else {
        _ = kill(process, SIGKILL)
        throw AgreementError("gdb has not read for \(Self.patience / 1000) seconds")
      }
      // What fits at once: more would wait, for ever if gdb hangs.
      let count = unsafe bytes.withUnsafeBytes { bytes in
        unsafe Glibc.write(line, bytes.baseAddress?.advanced(by: done), min(bytes.count - done, 1024))
      }
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count > 0 else { throw AgreementError("gdb cannot be told anything: \(SystemError(number: errno).text)") }
      done += count
    }
  }
}
