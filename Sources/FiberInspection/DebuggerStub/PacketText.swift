/// Numbers, texts and binary data in packets.
package enum PacketText {
  /// Digits by value.
  private static let digits = Array("0123456789abcdef".utf8)

  /// The value of a hexadecimal digit; nil for another byte.
  package static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// A hexadecimal number of 1 to 16 digits and nothing else.
  package static func number(_ text: some Collection<UInt8>) -> UInt64? {
    guard (1...16).contains(text.count) else { return nil }
    var value: UInt64 = 0
    for byte in text {
      guard let digit = digit(byte) else { return nil }
      value = value << 4 | UInt64(digit)
    }
    return value
  }

  /// Two digits for each byte.
  package static func hexadecimal(_ bytes: some Collection<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count * 2)
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return text
  }

  /// A number without leading zeros.
  package static func hexadecimal(_ number: some BinaryInteger) -> String { String(number, radix: 16) }

  /// What `hexadecimal` makes; nil for anything else.
  package static func bytes(_ text: some Collection<UInt8>) -> [UInt8]? {
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
  package static func escaped(_ bytes: some Sequence<UInt8>, limit: Int) -> (text: [UInt8], count: Int) {
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

  /// `data` as it is sent, runs of a byte by their length. It holds no "#" or "$" but escaped ones.
  package static func packet(_ data: [UInt8]) -> [UInt8] { framed(runs(data)) }

  /// "$data#sum".
  package static func framed(_ data: [UInt8]) -> [UInt8] {
    let sum = data.reduce(0 as UInt8, &+)
    return [UInt8(ascii: "$")] + data + [UInt8(ascii: "#"), digits[Int(sum >> 4)], digits[Int(sum & 15)]]
  }

  /// `data` with "x*" and a character for the length in the place of runs: "0* " is four zeros. What is unknown of registers and what is
  /// zero of memory shrinks to a tenth; gdb 13 makes a system call for each byte that it reads from a pipe
  /// (`ser_base_read_error_fd`).
  package static func runs(_ data: [UInt8]) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(data.count)
    var start = 0
    while start < data.count {
      let byte = data[start]
      var end = start + 1
      while end < data.count, data[end] == byte, end - start < 98 { end += 1 }
      // Further copies of the byte, with 29 added a printable character: from 3 on, and none of the protocol's own.
      var copies = end - start - 1
      while copies >= 3, [0x23, 0x24, 0x2a, 0x2b, 0x2d, 0x7d].contains(copies + 29) { copies -= 1 }
      text.append(byte)
      if copies >= 3 {
        text.append(UInt8(ascii: "*"))
        text.append(UInt8(copies + 29))
        start += 1 + copies
      } else {
        start += 1
      }
    }
    return text
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
