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
    case UInt8(ascii: "Z"), UInt8(ascii: "z"):
      return .error(refusal("run to a breakpoint"), line: refusal("run to a breakpoint"))
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
    "this is a snapshot, which cannot be \(what); the process itself is not touched (leave it by detach or quit)"
  }
}
