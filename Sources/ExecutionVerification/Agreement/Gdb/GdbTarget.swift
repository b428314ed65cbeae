internal import FiberInspection

/// What gdb is told of the one thread that it looks at: its registers and memory as they are now. Nothing can be changed.
struct GdbTarget {
  /// The most bytes of memory that one answer holds, two digits each.
  private static let mostMemory: UInt64 = 1 << 13

  let memory: any MemoryReader
  var registers: Registers
  private let format = DebuggerRegisters()

  init(memory: any MemoryReader, registers: Registers) {
    self.memory = memory
    self.registers = registers
  }

  /// Data of the answer to a packet, nil if there is none ("gdb Remote Serial Protocol" in gdb's manual). What is not known is
  /// answered by nothing, which says so.
  func reply(to packet: [UInt8]) -> [UInt8]? {
    let rest = packet.dropFirst()
    switch packet.first {
    case UInt8(ascii: "?"): return Array("T05thread:1;".utf8)
    case UInt8(ascii: "H"), UInt8(ascii: "T"), UInt8(ascii: "D"): return Array("OK".utf8)
    // gdb sets breakpoints of its own when it connects. Nothing runs that could meet them.
    case UInt8(ascii: "Z"), UInt8(ascii: "z"): return Array("OK".utf8)
    case UInt8(ascii: "g"): return format.packet(registers)
    case UInt8(ascii: "p"): return PacketText.number(rest).flatMap { format.packet(registers, number: $0) } ?? error
    case UInt8(ascii: "m"): return memory(rest)
    case UInt8(ascii: "q"): return query(packet)
    case UInt8(ascii: "k"): return nil
    default: return []
    }
  }

  private var error: [UInt8] { Array("E0e".utf8) }

  private func memory(_ request: ArraySlice<UInt8>) -> [UInt8] {
    let numbers = request.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    guard numbers.count == 2, let address = PacketText.number(numbers[0]), let count = PacketText.number(numbers[1])
    else { return error }
    let bytes = memory.bytes(at: address, count: Int(min(count, Self.mostMemory)))
    return bytes.isEmpty && count > 0 ? error : PacketText.hexadecimal(bytes)
  }

  private func query(_ packet: [UInt8]) -> [UInt8] {
    let text = String(decoding: packet, as: UTF8.self)
    if text.hasPrefix("qSupported") { return Array("PacketSize=4000;qXfer:features:read+".utf8) }
    if text.hasPrefix("qAttached") { return Array("1".utf8) }
    if text == "qC" { return Array("QC1".utf8) }
    if text == "qfThreadInfo" { return Array("m1".utf8) }
    if text == "qsThreadInfo" { return Array("l".utf8) }
    let features = "qXfer:features:read:target.xml:"
    guard text.hasPrefix(features) else { return [] }
    let numbers = packet.dropFirst(features.utf8.count).split(separator: UInt8(ascii: ","))
    guard numbers.count == 2, let offset = PacketText.number(numbers[0]).flatMap({ Int(exactly: $0) }),
      let count = PacketText.number(numbers[1])
    else { return error }
    let document = format.document
    guard offset < document.count else { return Array("l".utf8) }
    let (part, taken) = PacketText.escaped(document[offset...].prefix(Int(clamping: count)), limit: 0x3ff0)
    return [UInt8(ascii: offset + taken == document.count ? "l" : "m")] + part
  }
}
