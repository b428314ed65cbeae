/// Cuts what a debugger sends into packets: gdb's remote serial protocol, "Overview" in appendix E of gdb's manual.
///
/// Memory is bounded by `limit`, whatever comes.
package struct PacketReader {
  /// What was read.
  package enum Event: Equatable {
    /// A packet's data, between "$" and "#".
    case packet([UInt8])
    /// A packet whose two digits are not its data's sum, or no digits.
    case damaged
    /// A packet of more than `limit` bytes, which were not kept.
    case tooLong
    /// "+": the last packet sent was received.
    case received
    /// "-": it was not, and is to be sent again.
    case lost
    /// A byte 3: the user wants the program to stop.
    case interrupt
  }

  /// The most bytes of data that a packet may have.
  package static let limit = 1 << 17

  private enum Place {
    case between
    case data
    /// Behind "#", and of the two digits the first, if it was read.
    case sum(first: UInt8?)
  }

  private var place = Place.between
  private var data: [UInt8] = []
  private var sum: UInt8 = 0
  private var isTooLong = false

  /// Between two packets.
  package init() {}

  /// The input has ended inside a packet, if it ends here.
  var isInsidePacket: Bool {
    if case .between = place { return false }
    return true
  }

  /// What one more byte completes; nil for nothing yet.
  package mutating func take(_ byte: UInt8) -> Event? {
    switch place {
    case .between:
      switch byte {
      case UInt8(ascii: "$"): begin()
      case UInt8(ascii: "+"): return .received
      case UInt8(ascii: "-"): return .lost
      case 3: return .interrupt
      // Noise between packets means nothing.
      default: break
      }
      return nil
    case .data:
      switch byte {
      // A packet may be cut off and sent again: "$" stands in no data unescaped.
      case UInt8(ascii: "$"): begin()
      case UInt8(ascii: "#"): place = .sum(first: nil)
      default:
        sum &+= byte
        if data.count < Self.limit { data.append(byte) } else { isTooLong = true }
      }
      return nil
    case .sum(first: nil):
      place = .sum(first: byte)
      return nil
    case .sum(first: let first?):
      place = .between
      defer { data = [] }
      guard let high = PacketText.digit(first), let low = PacketText.digit(byte), high << 4 | low == sum else {
        return .damaged
      }
      return isTooLong ? .tooLong : .packet(data)
    }
  }

  private mutating func begin() {
    place = .data
    data = []
    sum = 0
    isTooLong = false
  }
}
