extension CallFrameSection {
  /// The FDE whose length field is at `offset`, with its CIE: one record, as a search table points to it. `cieIndex` means
  /// nothing in it. O(1).
  ///
  /// - Throws: what is wrong with either, or that there is none.
  public func fde(at offset: Int) throws(CallFrameError) -> (fde: FDE, cie: CIE) {
    guard bytes.indices.contains(offset), case .record(let isDWARF64, let body) = try extent(at: offset) else {
      throw error(.malformed, at: offset, "no FDE here")
    }
    let header = try header(at: offset, isDWARF64: isDWARF64, body: body)
    guard !header.isCIE else { throw error(.malformed, at: offset, "a CIE, expected an FDE") }
    let cie = try cie(at: header.cieOffset)
    return (try fde(header, cie: cie, cieIndex: 0), cie)
  }

  /// Where the FDE at `offset` says that its CIE is, which may be anywhere; nil where there is no FDE. O(1).
  package func cieOffset(ofFDEAt offset: Int) -> Int? {
    guard bytes.indices.contains(offset), case .record(let isDWARF64, let body)? = try? extent(at: offset),
      let header = try? header(at: offset, isDWARF64: isDWARF64, body: body), !header.isCIE
    else { return nil }
    return header.cieOffset
  }
}
