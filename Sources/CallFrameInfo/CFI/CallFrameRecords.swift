/// The records of a section, one after another.
///
/// A record that cannot be read becomes a `defect`, and the next is read if the length of this one is sound. After a
/// length that is not, nothing can be found.
public struct CallFrameRecords: Sequence, IteratorProtocol, Sendable {
  /// What they are read from.
  public let section: CallFrameSection
  /// The CIEs read so far; `FDE.cieIndex` of its FDEs is an index in it. An FDE's CIE may come after it, or (which only
  /// readers that follow the pointers accept) lie inside another record.
  public private(set) var cies: [CIE] = []

  /// Offset in the section of the record that `next()` answered last.
  package private(set) var recordOffset = 0
  private var offset = 0
  /// Index in `cies` by offset, −1 for one that cannot be read.
  private var known: [Int: Int] = [:]
  /// The CIE of the last FDE: neighbours mostly share it. Nil at first, since an FDE may name any offset, negative ones too.
  private var lastCIE: (offset: Int, index: Int)?

  /// Reads `section` from its start on.
  public init(_ section: CallFrameSection) { self.section = section }

  /// The next record, nil after the last. Each call moves on by at least 4 bytes. O(1) but for CIEs.
  public mutating func next() -> CallFrameRecord? {
    guard offset < section.bytes.count else { return nil }
    let start = offset
    recordOffset = start
    let isDWARF64: Bool
    let body: SectionCursor
    do throws(CallFrameError) {
      switch try section.extent(at: start) {
      case .terminator(let end):
        offset = end
        return .terminator(offset: start)
      case .record(let is64, let cursor):
        isDWARF64 = is64
        body = cursor
      }
    } catch {
      offset = section.bytes.count
      return .defect(error)
    }
    offset = body.end
    do throws(CallFrameError) {
      let header = try section.header(at: start, isDWARF64: isDWARF64, body: body)
      if header.isCIE { return .cie(cies[try cieIndex(at: start, nil)]) }
      let index: Int
      if let lastCIE, header.cieOffset == lastCIE.offset {
        index = lastCIE.index
      } else {
        index = try cieIndex(at: header.cieOffset, start)
        lastCIE = (header.cieOffset, index)
      }
      return .fde(try section.fde(header, cie: cies[index], cieIndex: index))
    } catch {
      return .defect(error)
    }
  }

  /// Index of the CIE at `place`, read at most once; `user` is the offset of the FDE that wants it, nil for itself.
  private mutating func cieIndex(at place: Int, _ user: Int?) throws(CallFrameError) -> Int {
    if let index = known[place], index >= 0 { return index }
    if let user, known[place] != nil {
      throw section.error(.badCIE, at: user, "its CIE at 0x\(String(place, radix: 16)) cannot be read")
    }
    do throws(CallFrameError) {
      let cie = try section.cie(at: place)
      cies.append(cie)
      known[place] = cies.count - 1
      return cies.count - 1
    } catch {
      known[place] = -1
      guard let user else { throw error }
      let hexadecimal = place < 0 ? "-0x\(String(-place, radix: 16))" : "0x\(String(place, radix: 16))"
      throw section.error(.badCIE, at: user, "its CIE at \(hexadecimal) cannot be read: \(error.text)")
    }
  }
}
