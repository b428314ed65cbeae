extension DebuggerStub {
  /// Requests to change something or to run, and unknown ones.
  func change(_ packet: [UInt8]) -> StubReply {
    switch packet.first {
    case UInt8(ascii: "c"), UInt8(ascii: "C"), UInt8(ascii: "s"), UInt8(ascii: "S"): return cannotRun
    case UInt8(ascii: "G"), UInt8(ascii: "P"): return .error(refusal("changed"))
    case UInt8(ascii: "M"): return .error(refusal("changed"), line: refusal("changed"))
    case UInt8(ascii: "X"):
      // gdb asks by a write of no bytes whether there is this request.
      let isProbe = packet.starts(with: "X".utf8) && packet.contains(UInt8(ascii: ",")) && isEmptyWrite(packet)
      return isProbe ? .ok : .error(refusal("changed"), line: refusal("changed"))
    // Where nothing runs a breakpoint changes nothing. gdb inserts them just before it wants to continue, and is told then; of a
    // breakpoint that is refused it would say that memory cannot be accessed.
    case UInt8(ascii: "Z"), UInt8(ascii: "z"): return .ok
    default: return .unsupported
    }
  }

  private func isEmptyWrite(_ packet: [UInt8]) -> Bool {
    let head = packet.dropFirst().prefix { $0 != UInt8(ascii: ":") }
    let numbers = head.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    return numbers.count == 2 && PacketText.number(numbers[1]) == 0
  }

  /// What a debugger is told that wants to continue or to step.
  var cannotRun: StubReply { .error(refusal("continued")) }

  /// Why something is not done.
  ///
  /// - Parameter what: as in "cannot be changed".
  func refusal(_ what: String) -> String {
    switch origin {
    case .process(let id):
      "this is a snapshot of process \(id) and cannot be \(what): the process itself runs on untouched"
    case .core: "this is a core and cannot be \(what)"
    }
  }
}
