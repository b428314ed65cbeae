/// All FDEs of a file, by address.
public struct CallFrameTable: Sendable {
  /// How many defects are kept. A damaged file can have one every few bytes; `CallFrameRecords` finds them all.
  public static let mostDefects = 1000

  /// What they were read from.
  public let sections: [CallFrameSection]
  /// In the order they were met.
  public let cies: [CIE]
  /// By address, then by section and offset; empty and overlapping ones too.
  public let fdes: [FDE]
  /// What could not be read: the first `mostDefects`.
  public let defects: [CallFrameError]
  /// How many records could not be read.
  public let defectCount: Int

  private let ehFrame: AddressIndex
  private let debugFrame: AddressIndex
  /// For CIEs of many instructions, by index: rows of one of their FDEs, to make those of the others of.
  private let begun: [Int: Rows]
  /// CIEs of no more bytes of instructions are executed for each FDE. Compilers' have about ten.
  private static let fewInstructions = 64

  /// Reads all records. O(n log n) in their number, and never more memory than a small multiple of the sections.
  public init(_ sections: [CallFrameSection]) {
    var cies: [CIE] = []
    var fdes: [FDE] = []
    var defects: [CallFrameError] = []
    var defectCount = 0
    for (index, section) in sections.enumerated() {
      var records = CallFrameRecords(section)
      let first = cies.count
      while let record = records.next() {
        switch record {
        case .fde(var fde):
          fde.cieIndex += first
          fde.sectionIndex = index
          fdes.append(fde)
        case .defect(let error):
          defectCount += 1
          if defects.count < Self.mostDefects { defects.append(error) }
        case .cie, .terminator: break
        }
      }
      cies += records.cies
    }
    fdes.sort {
      ($0.addresses.lowerBound, $0.sectionIndex, $0.offset) < ($1.addresses.lowerBound, $1.sectionIndex, $1.offset)
    }
    func ranges(_ kind: CallFrameSection.Kind) -> some Sequence<(range: Range<UInt64>, index: Int)> {
      fdes.indices.lazy.filter { sections[fdes[$0].sectionIndex].kind == kind }
        .map { (range: fdes[$0].addresses, index: $0) }
    }
    ehFrame = AddressIndex(sorted: ranges(.ehFrame))
    debugFrame = AddressIndex(sorted: ranges(.debugFrame))
    var begun: [Int: Rows] = [:]
    for fde in fdes where cies[fde.cieIndex].instructions.count > Self.fewInstructions && begun[fde.cieIndex] == nil {
      begun[fde.cieIndex] = Rows(of: fde, cie: cies[fde.cieIndex], in: sections[fde.sectionIndex]).begun()
    }
    self.begun = begun
    self.sections = sections
    self.cies = cies
    self.fdes = fdes
    self.defects = defects
    self.defectCount = defectCount
  }

  /// Index in `fdes` of the one that covers `address`, nil for none: one of `.eh_frame` before one of `.debug_frame`,
  /// as libdw chooses. O(log n).
  ///
  /// Where several of a section do, which only a defective file has, the one that starts last,
  /// and of those that start together the last in the file.
  public func index(at address: UInt64) -> Int? {
    ehFrame.index(at: address) ?? debugFrame.index(at: address)
  }

  /// The FDE that covers `address`; see `index(at:)`. O(log n).
  public func fde(at address: UInt64) -> FDE? { index(at: address).map { fdes[$0] } }

  /// The section of an FDE of this table.
  public func section(of fde: FDE) -> CallFrameSection { sections[fde.sectionIndex] }

  /// The CIE of an FDE of this table.
  public func cie(of fde: FDE) -> CIE { cies[fde.cieIndex] }

  /// The rows of an FDE of this table.
  public func rows(of fde: FDE) -> Rows {
    if let begun = begun[fde.cieIndex] { return Rows(of: fde, after: begun) }
    return Rows(of: fde, cie: cie(of: fde), in: section(of: fde))
  }

  /// The row that covers `address`, nil where no FDE does. O(log n), and linear in the FDE's instructions.
  ///
  /// - Throws: what is wrong with an instruction before the row's end.
  public func row(at address: UInt64) throws(CallFrameError) -> Row? {
    guard let fde = fde(at: address) else { return nil }
    var rows = rows(of: fde)
    return try rows.row(covering: address)
  }
}
