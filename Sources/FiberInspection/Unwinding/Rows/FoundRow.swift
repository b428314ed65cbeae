package import CallFrameInfo

/// A row, with what is needed to evaluate its expressions.
package struct FoundRow {
  package let row: Row
  package let cie: CIE
  package let section: CallFrameSection
  /// The code of its FDE, as the section counts addresses.
  package let addresses: Range<UInt64>

  /// A row of the FDE with these addresses.
  package init(row: Row, cie: CIE, section: CallFrameSection, addresses: Range<UInt64>) {
    self.row = row
    self.cie = cie
    self.section = section
    self.addresses = addresses
  }

  /// The row in force at `address`, as the section counts addresses; nil where the FDE has none.
  ///
  /// - Parameter instructionsLeft: how many bytes of CFA instructions may still be executed; less those that were, at most.
  /// - Throws: what is wrong with an instruction before the row's end; `limit` where none are left.
  package init?(
    at address: UInt64, _ fde: FDE, _ cie: CIE, _ section: CallFrameSection, _ instructionsLeft: inout Int
  ) throws(CallFrameError) {
    instructionsLeft -= fde.instructions.count + cie.instructions.count
    guard instructionsLeft >= 0 else {
      throw CallFrameError(
        .limit, source: section.source, section: section.name, offset: fde.offset,
        "lookups of rows have executed too many instructions altogether")
    }
    var rows = Rows(of: fde, cie: cie, in: section)
    guard let row = try rows.row(covering: address) else { return nil }
    self.row = row
    self.cie = cie
    self.section = section
    addresses = fde.addresses
  }
}
