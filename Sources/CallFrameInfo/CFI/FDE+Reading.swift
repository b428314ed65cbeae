extension CallFrameSection {
  /// The FDE with this header, whose CIE is `cie`.
  func fde(_ header: RecordHeader, cie: CIE, cieIndex: Int) throws(CallFrameError) -> FDE {
    var cursor = header.body
    if header.isDWARF64, cie.hasWidePointer { try cursor.skip(4, "the CIE pointer") }
    var bases = bases(addressSize: cie.addressSize)
    let selector =
      cie.segmentSelectorSize == 0
      ? 0 : try cursor.unsigned(size: cie.segmentSelectorSize, "the segment selector of an FDE")
    let place = cursor.offset
    guard cie.pointerEncoding != .omit, !cie.pointerEncoding.isIndirect else {
      throw error(
        .noBase, at: place,
        "addresses are encoded as 0x\(String(cie.pointerEncoding.rawValue, radix: 16)): they are not in the file")
    }
    let start = try cursor.pointer(cie.pointerEncoding, bases, "the first address of an FDE").value
    let size = try cursor.number(cie.pointerEncoding, addressSize: cie.addressSize, "the size of an FDE's code")
    let (end, overflow) = start.addingReportingOverflow(size)
    guard !overflow else {
      throw error(
        .malformed, at: place,
        "0x\(String(size, radix: 16)) bytes of code from 0x\(String(start, radix: 16)) end beyond 64 bits")
    }
    var lsda: EncodedPointer?
    var unread = 0
    if cie.hasAugmentationData {
      let block = try cursor.block("the augmentation data of an FDE")
      unread = block.count
      if let encoding = cie.lsdaEncoding {
        bases.function = start
        var data = SectionCursor(self, block.range)
        lsda = try data.optionalPointer(encoding, bases, "the LSDA pointer of an FDE")
        unread = data.remaining
      }
    }
    return FDE(
      offset: header.offset, length: header.end - header.offset, cieIndex: cieIndex, sectionIndex: 0,
      segmentSelector: selector, addresses: start..<end, lsda: lsda, unreadAugmentation: unread,
      instructions: cursor.offset..<header.end)
  }
}
