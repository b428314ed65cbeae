internal import CallFrameInfo

/// `.eh_frame` as bytes.
package struct EncodedFrames: Sendable {
  package var bytes: [UInt8]
  /// Offset of each FDE in the section, by its index in `EditableFrames.fdes`; nil for one that is not in the order.
  package var fdeOffsets: [Int?]
}

extension EditableFrames {
  /// The section's bytes where it begins at `address`. O(records).
  package func encoded(at address: UInt64) -> EncodedFrames {
    // A record's size does not depend on where it lies: once at address 0, to know where CIEs are.
    var cieOffsets: [Int: Int] = [:]
    var offset = 0
    for record in order {
      if case .cie(let index) = record, cieOffsets[index] == nil { cieOffsets[index] = offset }
      offset += encoded(record, at: 0, address: 0, cieOffset: 0).count
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(offset)
    var fdeOffsets = [Int?](repeating: nil, count: fdes.count)
    for record in order {
      var cieOffset = 0
      if case .fde(let index) = record {
        fdeOffsets[index] = bytes.count
        cieOffset = cieOffsets[fdes[index].cie] ?? 0
      }
      bytes += encoded(record, at: bytes.count, address: address, cieOffset: cieOffset)
    }
    return EncodedFrames(bytes: bytes, fdeOffsets: fdeOffsets)
  }

  private func encoded(_ record: Record, at offset: Int, address: UInt64, cieOffset: Int) -> [UInt8] {
    switch record {
    case .terminator: return [0, 0, 0, 0]
    case .cie(let index): return cies[index].encoded(at: address &+ UInt64(offset))
    case .fde(let index):
      return fdes[index].encoded(
        at: address &+ UInt64(offset), cie: cies[fdes[index].cie], distance: offset + 4 - cieOffset)
    }
  }
}

extension EditableCIE {
  func encoded(at address: UInt64) -> [UInt8] {
    var bytes: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, version] + augmentation + [0]
    if version >= 4 { bytes += [addressSize, segmentSelectorSize] }
    bytes.append(uleb: codeAlignment)
    bytes.append(sleb: dataAlignment)
    if version == 1 {
      bytes.append(UInt8(truncatingIfNeeded: returnAddressRegister))
    } else {
      bytes.append(uleb: returnAddressRegister)
    }
    if augmentation.first == UInt8(ascii: "z") {
      // What precedes the data is its length, of one byte: the data has less than 128.
      let place = address &+ UInt64(bytes.count + 1)
      var data: [UInt8] = []
      for letter in augmentation.dropFirst() {
        switch letter {
        case UInt8(ascii: "R"): data.append(pointerEncoding)
        case UInt8(ascii: "L"): data.append(lsdaEncoding)
        case UInt8(ascii: "P"):
          data.append(personalityEncoding)
          data.append(pointer: personality, encoding: personalityEncoding, at: place &+ UInt64(data.count))
        default: break
        }
      }
      bytes.append(uleb: UInt64(data.count))
      bytes += data
    }
    for operation in operations { operation.encode(into: &bytes) }
    bytes.finishRecord(padding: padding)
    patch?(&bytes)
    return bytes
  }
}

extension EditableFDE {
  func encoded(at address: UInt64, cie: EditableCIE, distance: Int) -> [UInt8] {
    var bytes: [UInt8] = [0, 0, 0, 0]
    bytes.append(little: UInt32(truncatingIfNeeded: distance))
    bytes.append(pointer: start, encoding: cie.pointerEncoding, at: address &+ 8)
    // The size has the format of the pointer, and no base.
    bytes.append(pointer: size, encoding: cie.pointerEncoding & 0x0f, at: 0)
    if cie.augmentation.first == UInt8(ascii: "z") {
      var data: [UInt8] = []
      if cie.has("L"), cie.lsdaEncoding != PointerEncoding.omit.rawValue {
        let place = address &+ UInt64(bytes.count + 1)
        if let lsda {
          data.append(pointer: lsda, encoding: cie.lsdaEncoding, at: place)
        } else {
          data.append(pointer: 0, encoding: cie.lsdaEncoding & 0x0f, at: 0)
        }
      }
      bytes.append(uleb: UInt64(data.count))
      bytes += data
    }
    var location = start
    for directive in directives {
      if directive.location > location {
        bytes.append(advance: (directive.location - location) / advanceUnit)
        location = directive.location
      }
      directive.operation.encode(into: &bytes)
    }
    bytes.finishRecord(padding: padding)
    patch?(&bytes)
    return bytes
  }
}

extension [UInt8] {
  /// Appends an encoded pointer whose first byte lies at `place`. Only the formats and bases that are in `.eh_frame` of x86-64: of
  /// fixed size, absolute or relative to their place; others are written as 4 bytes.
  mutating func append(pointer value: UInt64, encoding: UInt8, at place: UInt64) {
    let number = encoding & 0x70 == 0x10 ? value &- place : value
    switch encoding & 0x0f {
    case 0, 4, 8, 12: append(little: number)
    case 2, 10: append(little: UInt16(truncatingIfNeeded: number))
    default: append(little: UInt32(truncatingIfNeeded: number))
    }
  }

  /// Appends the shortest advance by so many units.
  mutating func append(advance delta: UInt64) {
    switch delta {
    case 0: break
    case ..<64: append(0x40 | UInt8(delta))
    case ..<0x100: self += [0x02, UInt8(delta)]
    case ..<0x10000:
      append(0x03)
      append(little: UInt16(delta))
    default:
      append(0x04)
      append(little: UInt32(clamping: delta))
    }
  }

  /// Fills a record up to a multiple of 8 bytes and writes its length.
  mutating func finishRecord(padding: UInt8) {
    while count % 8 != 0 { append(padding) }
    write(little: UInt32(count - 4), at: 0)
  }
}
