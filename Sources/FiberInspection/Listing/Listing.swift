internal import CallFrameInfo
internal import FrameVerification

/// Lists the code of a file, function by function.
final class Listing {
  private let file: ListedFile
  private var builder: ListingBuilder
  /// Rows of FDEs that another one interrupts, to go on with: an FDE's instructions are read once.
  private var interrupted: [Int: RowCursor] = [:]
  private static let interruptedLimit = 64
  /// How often the rows of an FDE have been read from their start.
  private(set) var rowsBegun = 0
  /// Fields of records that only a linker can fill in, by their section's address.
  private var unresolved: [UInt64: [UnresolvedField]] = [:]
  /// Where the last instruction ended.
  private var end: UInt64 = 0
  /// What could not be read while listing, one line each.
  private(set) var problems: [String] = []

  /// - Parameter showsSource: source lines are part of the listings.
  init(_ file: ListedFile, showsSource: Bool = false) {
    self.file = file
    builder = ListingBuilder(symbols: file.symbols, lines: showsSource ? file.debugFile : nil)
  }

  /// Lists the code in `addresses`, in pieces of bounded size, to `body`; stops where that answers false.
  ///
  /// Code without an FDE and without a name that is only padding between functions is left out.
  ///
  /// - Returns: whether there was any code.
  func list(_ addresses: Range<UInt64>, _ body: (FunctionListing) -> Bool) -> Bool {
    var found = false
    visit(addresses) { part, code in
      found = true
      var goesOn = true
      list(part, &code) { listing in
        goesOn = body(listing)
        return goesOn
      }
      return goesOn
    }
    return found
  }

  /// The heads of what `list` would list, without decoding it.
  func heads<Failure: Error>(
    in addresses: Range<UInt64>, _ body: (ListingHead) throws(Failure) -> Void
  ) throws(Failure) {
    var failure: Failure?
    visit(addresses) { part, _ in
      do throws(Failure) {
        try body(head(of: part))
      } catch {
        failure = error
      }
      return failure == nil
    }
    if let failure { throw failure }
  }

  private func visit(_ addresses: Range<UInt64>, _ body: (ListingPart, inout CodeWindow) -> Bool) {
    var section: Int?
    // Replaced before the first part.
    var code = CodeWindow(CodeSection(name: "", addresses: 0..<0), of: file.elf)
    for part in ListingParts(file, in: addresses) {
      if section != part.section {
        section = part.section
        code = CodeWindow(file.sections[part.section], of: file.elf)
      }
      if part.fde == nil, !file.symbols.hasFunction(at: part.addresses.lowerBound),
        builder.isPadding(part.addresses, in: &code)
      {
        continue
      }
      guard body(part, &code) else { return }
    }
  }

  private func list(_ part: ListingPart, _ code: inout CodeWindow, _ body: (FunctionListing) -> Bool) {
    let head = head(of: part)
    var cursor: RowCursor?
    if let fde = part.fde, let frame = head.frame {
      cursor = interrupted.removeValue(forKey: fde)
      if cursor == nil {
        cursor = RowCursor(file.table.rows(of: frame.fde), bytes: frame.records.bytes)
        rowsBegun += 1
      }
    }
    let result = builder.list(head, code: &code, rows: &cursor, from: end, body)
    end = result.address
    if let failure = result.failure { problems.append(failure.description) }
    if let missing = result.missing {
      problems.append("\(file.path): no code at \(hexadecimal(missing)), though section \(head.section) covers it")
    }
    if let fde = part.fde, file.table.fdes[fde].addresses.upperBound > part.addresses.upperBound {
      interrupted[fde] = cursor
      // The one that begins first has been passed, or encloses the others and is gone on with last.
      if interrupted.count > Self.interruptedLimit, let first = interrupted.keys.min() { interrupted[first] = nil }
    }
  }

  /// The name of a CIE's personality routine, nil where the file does not tell, and whether it is to be linked.
  private func personality(of cie: CIE, in records: CallFrameSection) -> (name: ListedSymbol?, isLinked: Bool) {
    guard let pointer = cie.personality else { return (nil, false) }
    guard file.elf.isLaidOut else {
      // Behind an indirect pointer is what the dynamic linker finds.
      return (pointer.isIndirect ? nil : file.symbols.symbol(at: pointer.value), false)
    }
    let end = cie.offset + cie.length
    let fields = unresolvedFields(of: records)
    let index = fields.firstIndexAbove(UInt64(cie.offset)) { $0.offset }
    guard index < fields.count, fields[index].offset < UInt64(end) else { return (nil, false) }
    let name = fields[index].symbol
    return (ListedSymbol(name: file.symbols.readable(name), rawName: name), true)
  }

  /// The fields of records that only a linker can fill in, looked up once for each section.
  private func unresolvedFields(of records: CallFrameSection) -> [UnresolvedField] {
    if let known = unresolved[records.address] { return known }
    let section = file.elf.sections.first { $0.name == records.name && $0.address == records.address }
    var fields: [UnresolvedField] = []
    if let section {
      do throws(ELFError) {
        fields = try file.elf.unresolvedFields(of: section)
      } catch {
        problems.append(error.description)
      }
    }
    unresolved[records.address] = fields
    return fields
  }

  private func head(of part: ListingPart) -> ListingHead {
    let start = part.addresses.lowerBound
    return ListingHead(
      symbol: file.symbols.title(of: part.addresses), section: file.sections[part.section].name,
      addresses: part.addresses,
      frame: part.fde.map { index in
        let fde = file.table.fdes[index]
        let (cie, records) = (file.table.cie(of: fde), file.table.section(of: fde))
        let personality = personality(of: cie, in: records)
        return ListedFrame(
          records: records, fde: fde, cie: cie, personality: personality.name,
          linksPersonality: personality.isLinked, others: file.table.others(covering: start, than: index))
      })
  }
}

extension CallFrameTable {
  /// FDEs that begin at `address` too.
  fileprivate func others(covering address: UInt64, than index: Int) -> [FDEPlace] {
    // By address, so they are neighbours.
    func places(_ indices: some Sequence<Int>) -> [FDEPlace] {
      indices.prefix { fdes[$0].addresses.lowerBound == address }.prefix(Self.mostOthers)
        .filter { fdes[$0].addresses.contains(address) }
        .map { FDEPlace(section: section(of: fdes[$0]).name, offset: fdes[$0].offset) }
    }
    return places((0..<index).reversed()) + places(index + 1..<fdes.count)
  }

  /// A damaged file may have any number of them.
  private static var mostOthers: Int { 16 }
}
