/// Numbers, texts and binary data in packets.
enum PacketText {
  /// Digits by value.
  private static let digits = Array("0123456789abcdef".utf8)

  /// The value of a hexadecimal digit; nil for another byte.
  static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// A hexadecimal number of 1 to 16 digits and nothing else.
  static func number(_ text: some Collection<UInt8>) -> UInt64? {
    guard (1...16).contains(text.count) else { return nil }
    var value: UInt64 = 0
    for byte in text {
      guard let digit = digit(byte) else { return nil }
      value = value << 4 | UInt64(digit)
    }
    return value
  }

  /// Two digits for each byte.
  static func hexadecimal(_ bytes: some Collection<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 2)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return text
  }

  /// A number without leading zeros.
  static func hexadecimal(_ number: some BinaryInteger) -> String { String(number, radix: 16) }

  /// What `hexadecimal` makes; nil for anything else.
  static func bytes(_ text: some Collection<UInt8>) -> [UInt8]? {
    guard text.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 2)
    var high: UInt8?
    for byte in text {
      guard let digit = digit(byte) else { return nil }
      if let first = high {
        bytes.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    return bytes
  }

  /// Binary data for a reply, in which "#", "$", "}" and "*" are escaped, and how much of it fits into `limit` bytes.
  static func escaped(_ bytes: some Sequence<UInt8>, limit: Int) -> (text: [UInt8], count: Int) {
    var text: [UInt8] = []
    var count = 0
    for byte in bytes {
      let isSpecial = byte == 0x23 || byte == 0x24 || byte == 0x7d || byte == 0x2a
      guard text.count + (isSpecial ? 2 : 1) <= limit else { break }
      if isSpecial {
        text.append(0x7d)
        text.append(byte ^ 0x20)
      } else {
        text.append(byte)
      }
      count += 1
    }
    return (text, count)
  }

  /// `data` as it is sent: "$data#sum". It holds no "#" or "$" but escaped ones.
  static func packet(_ data: [UInt8]) -> [UInt8] {
    let sum = data.reduce(0 as UInt8, &+)
    return [UInt8(ascii: "$")] + data + [UInt8(ascii: "#"), digits[Int(sum >> 4)], digits[Int(sum & 15)]]
  }
}

extension String {
  /// For the text and the attributes of an XML element.
  var escapedForXML: String {
    var text = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "'": text += "&apos;"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
