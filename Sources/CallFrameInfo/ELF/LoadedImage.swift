/// Which bytes of a file are at which virtual address.
struct LoadedImage: Sendable {
  /// A stretch of addresses with bytes in the file.
  private struct Piece {
    var addresses: Range<UInt64>
    var fileOffset: UInt64
  }

  /// By address, none overlapping another.
  private let pieces: [Piece]

  /// From the segments if there are any, else from the loaded sections. Addresses of sections that have no bytes (all loaded
  /// ones of a separate debug file, though its segments may claim otherwise) have none.
  init(segments: [ProgramHeader], sections: [Section]) {
    var found: [Piece] = []
    for segment in segments where segment.kind == .load {
      let size = min(segment.fileSize, segment.memorySize)
      let (end, overflow) = segment.virtualAddress.addingReportingOverflow(size)
      if overflow || segment.fileOffset.addingReportingOverflow(size).overflow || size == 0 { continue }
      found.append(Piece(addresses: segment.virtualAddress..<end, fileOffset: segment.fileOffset))
    }
    if segments.isEmpty {
      for section in sections where section.hasBytes && !section.isCompressed {
        guard let addresses = section.range, section.fileRange != nil, !addresses.isEmpty else { continue }
        found.append(Piece(addresses: addresses, fileOffset: section.fileOffset))
      }
    }
    let absent = sections.filter { $0.kind == .noBits && !$0.isThreadLocal }.compactMap(\.range).filter { !$0.isEmpty }
    pieces = Self.removing(absent, from: Self.separated(found))
  }

  /// In order, each without what one before it has.
  private static func separated(_ pieces: [Piece]) -> [Piece] {
    var result: [Piece] = []
    var end: UInt64 = 0
    for piece in pieces.sorted(by: { $0.addresses.lowerBound < $1.addresses.lowerBound }) {
      let start = max(piece.addresses.lowerBound, end)
      guard start < piece.addresses.upperBound else { continue }
      result.append(Self.part(of: piece, start..<piece.addresses.upperBound))
      end = piece.addresses.upperBound
    }
    return result
  }

  /// What is left of ordered pieces outside `absent`.
  private static func removing(_ absent: [Range<UInt64>], from pieces: [Piece]) -> [Piece] {
    let absent = absent.sorted { $0.lowerBound < $1.lowerBound }
    var result: [Piece] = []
    var next = 0
    var covered: UInt64 = 0
    for piece in pieces {
      var start = max(piece.addresses.lowerBound, min(covered, piece.addresses.upperBound))
      while next < absent.count, absent[next].lowerBound < piece.addresses.upperBound {
        let range = absent[next]
        if start < range.lowerBound { result.append(part(of: piece, start..<range.lowerBound)) }
        covered = max(covered, range.upperBound)
        start = max(start, min(covered, piece.addresses.upperBound))
        next += 1
      }
      if start < piece.addresses.upperBound { result.append(part(of: piece, start..<piece.addresses.upperBound)) }
    }
    return result
  }

  private static func part(of piece: Piece, _ addresses: Range<UInt64>) -> Piece {
    Piece(
      addresses: addresses, fileOffset: piece.fileOffset + (addresses.lowerBound - piece.addresses.lowerBound))
  }

  /// Where in the file the byte at `address` is, and how many bytes from there on are one after another in both.
  /// O(log of the number of pieces).
  func place(of address: UInt64) -> (fileOffset: UInt64, count: UInt64)? {
    var low = 0
    var high = pieces.count
    while low < high {
      let middle = (low + high) / 2
      if pieces[middle].addresses.upperBound <= address { low = middle + 1 } else { high = middle }
    }
    guard low < pieces.count, pieces[low].addresses.contains(address) else { return nil }
    let piece = pieces[low]
    return (piece.fileOffset + (address - piece.addresses.lowerBound), piece.addresses.upperBound - address)
  }
}

extension ELFFile {
  /// Bytes of the loaded image from a virtual address on: fewer where a segment's bytes in the file end (what follows is zero in
  /// memory), none where there are none. O(`count` + log of the number of segments).
  ///
  /// Of a relocatable file: as they stand in the file, with no relocation applied. `contents(of:problems:)` applies them.
  public func bytes(atAddress address: UInt64, count: Int) -> [UInt8] {
    guard count > 0, let place = image.place(of: address) else { return [] }
    return source.bytes(at: place.fileOffset, count: min(UInt64(count), place.count))
  }

  /// How many bytes of the loaded image the file has from a virtual address on without a gap.
  public func byteCount(fromAddress address: UInt64) -> UInt64 { image.place(of: address)?.count ?? 0 }

  /// Addresses of `.eh_frame_hdr`, the search table of `.eh_frame`: of the section or, in a file stripped of section headers, of
  /// the segment PT_GNU_EH_FRAME. From it the place of `.eh_frame` can be read, which ends with a zero length.
  public var searchTableRange: Range<UInt64>? {
    let section = section(named: ".eh_frame_hdr")?.range
    return section ?? segments.first { $0.kind == .ehFrame }?.virtualRange
  }
}
