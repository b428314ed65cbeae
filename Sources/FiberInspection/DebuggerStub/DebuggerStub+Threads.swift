extension DebuggerStub {
  /// The answer to what has stopped: the thread that a signal ended, or the first one.
  var stopReply: String {
    let thread = threads.all[current]
    var signal: Int32 = 0
    if case .thread(let index) = thread.subject { signal = snapshot.threads[index].signal }
    let number = StubSignal.number(ofLinux: signal)
    return "T" + (number < 16 ? "0" : "") + PacketText.hexadecimal(number) + "thread:\(threads.text(thread));"
  }

  /// `Hg` says whose registers are meant from now on; `Hc` and the like, who would run.
  mutating func selectThread(_ request: ArraySlice<UInt8>) -> StubReply {
    guard let operation = request.first, let name = threads.name(request.dropFirst()) else {
      return .error("a thread is missing")
    }
    guard operation == UInt8(ascii: "g"), name.thread > 0 else { return .ok }
    guard let index = threads.index(name.thread) else { return .error("there is no such thread") }
    current = index
    return .ok
  }

  /// `T`: whether a thread is there.
  func isAlive(_ request: ArraySlice<UInt8>) -> StubReply {
    guard let name = threads.name(request), threads.index(name.thread) != nil else {
      return .error("there is no such thread")
    }
    return .ok
  }

  /// `qThreadExtraInfo`: what a thread does.
  func details(_ request: ArraySlice<UInt8>) -> StubReply {
    guard let name = threads.name(request), let index = threads.index(name.thread) else {
      return .error(number: 1)
    }
    let thread = threads.all[index]
    let text = thread.details.isEmpty ? thread.name : "\(thread.name), \(thread.details)"
    return StubReply(PacketText.hexadecimal(Array(text.utf8)))
  }

  /// `qfThreadInfo` and `qsThreadInfo`: as many ids as fit into a packet.
  mutating func list(fromStart: Bool) -> StubReply {
    if fromStart { unlisted = 0..<threads.all.count }
    let size = "p00000000.00000000,".utf8.count
    let part = unlisted.prefix(PacketReader.limit / size)
    unlisted = part.endIndex..<threads.all.count
    return StubReply(part.isEmpty ? "l" : "m" + part.map { threads.text(threads.all[$0]) }.joined(separator: ","))
  }

  /// The notes of the thread that a thread or a running fiber is, and of the one that another fiber is on.
  private func notes(
    of thread: DebuggerThread
  ) -> (own: CoreThreadNotes.Thread?, host: CoreThreadNotes.Thread?) {
    let own = thread.registerOwner(in: snapshot).flatMap { registerNotes.threads[$0] }
    guard case .fiber(_, let state) = thread.subject, own == nil else { return (own, nil) }
    return (nil, state.thread.flatMap { registerNotes.threads[$0] })
  }

  /// What is known of a thread's registers.
  func registers(of thread: DebuggerThread) -> RegisterImage {
    let (own, host) = notes(of: thread)
    return RegisterImage(thread.registers, notes: own, host: host)
  }

  /// `p`: one register by its number.
  func register(_ request: ArraySlice<UInt8>) -> StubReply {
    guard let number = PacketText.number(request), number < UInt64(description.registers.count) else {
      return .error(number: 22)
    }
    return StubReply(registers(of: threads.all[current]).text(of: description.registers[Int(number)]))
  }

  /// What a signal has told the current thread, nil if the core does not say.
  var signalInformation: [UInt8]? { notes(of: threads.all[current]).own?.signal.map(Array.init) }
}

/// Signals as the protocol numbers them, whatever the target calls them (gdb's include/gdb/signals.def).
enum StubSignal {
  /// gdb's numbers by those of x86-64 Linux, from 1 on. SIGSTKFLT has none: 143 is an unknown signal.
  private static let numbers: [Int32] = [
    1, 2, 3, 4, 5, 6, 10, 8, 9, 30, 11, 31, 13, 14, 15, 143, 20, 19, 17, 18, 21, 22, 16, 24, 25, 26, 27, 28, 23, 32, 12,
  ]

  /// 0 for none.
  static func number(ofLinux signal: Int32) -> Int32 {
    switch signal {
    case 1...31: numbers[Int(signal) - 1]
    case 32: 77
    case 33...63: signal + 12
    case 64: 78
    default: signal <= 0 ? 0 : 143
    }
  }
}
