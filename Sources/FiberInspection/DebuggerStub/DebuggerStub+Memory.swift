extension DebuggerStub {
  /// The most bytes that one answer holds, two digits each.
  static let memoryLimit = UInt64(PacketReader.limit / 2)

  /// `m`: as many bytes as are known, at least one. The error is a number alone, since the answer is hexadecimal otherwise.
  func memory(_ request: ArraySlice<UInt8>) -> StubReply {
    let numbers = request.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    guard numbers.count == 2, let address = PacketText.number(numbers[0]), let count = PacketText.number(numbers[1])
    else { return .error(number: 22) }
    let bytes = snapshot.memory.bytes(at: address, count: Int(min(count, Self.memoryLimit)))
    return bytes.isEmpty && count > 0 ? .error(number: 14) : StubReply(PacketText.hexadecimal(bytes))
  }
}
