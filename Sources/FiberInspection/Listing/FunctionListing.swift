internal import CallFrameInfo

/// Instructions of one function, or of code without call frame information, with the rows in force before them.
///
/// A value without references to the file, so that a renderer is a function of it. What lines have in common (text, bytes, names)
/// lies in arrays that they index, so that a listing of millions of instructions is filled again and again without allocating
/// for each. A long function comes as several listings, of which all but the first are continuations.
package struct FunctionListing {
  /// What is listed.
  package var head: ListingHead
  /// The listing before it began the same function.
  package var isContinuation = false
  /// The last one of its function.
  package var isLast = true
  /// The instructions in the order of their addresses.
  package var lines: [InstructionLine] = []
  /// Rows that begin in the listing, in order.
  package var rows: [ListedRow] = []
  /// What is said between lines, in order.
  package var notes: [ListingNote] = []
  /// Source lines that begin in the listing, in order.
  package var sources: [SourceLine] = []
  /// Names of the places that instructions lead to or refer to.
  package var targets: [ListedSymbol] = []
  /// Texts of instructions, one after another.
  package var text: [UInt8] = []
  /// The instructions' bytes, one after another.
  package var code: [UInt8] = []

  package init(_ head: ListingHead) { self.head = head }

  /// Empties it for the next piece of the same function.
  mutating func removeLines() {
    lines.removeAll(keepingCapacity: true)
    rows.removeAll(keepingCapacity: true)
    notes.removeAll(keepingCapacity: true)
    sources.removeAll(keepingCapacity: true)
    targets.removeAll(keepingCapacity: true)
    text.removeAll(keepingCapacity: true)
    code.removeAll(keepingCapacity: true)
  }
}

/// What stands above a listing.
package struct ListingHead {
  /// The symbol at its first address or around it, nil where none is known.
  package var symbol: ListedSymbol?
  /// The section that holds the code; in a file without section headers, the segment.
  package var section: String
  /// The addresses that are listed.
  package var addresses: Range<UInt64>
  /// What describes the frames, nil for code without an FDE.
  package var frame: ListedFrame?

  package init(
    symbol: ListedSymbol? = nil, section: String, addresses: Range<UInt64>, frame: ListedFrame? = nil
  ) {
    self.symbol = symbol
    self.section = section
    self.addresses = addresses
    self.frame = frame
  }
}

/// A name for an address.
package struct ListedSymbol: Equatable {
  /// As people write it.
  package var name: String
  /// As it is in the symbol table.
  package var rawName: String
  /// How far the address is behind the symbol's, in bytes.
  package var offset: UInt64

  package init(name: String, rawName: String? = nil, offset: UInt64 = 0) {
    self.name = name
    self.rawName = rawName ?? name
    self.offset = offset
  }
}

/// The records that describe a function's frames.
package struct ListedFrame {
  /// The section of both records, whose bytes hold the rules' expressions.
  package var records: CallFrameSection
  /// The function's own record.
  package var fde: FDE
  /// What it shares with others.
  package var cie: CIE
  /// Other FDEs that cover the first address listed.
  package var others: [FDEPlace]

  package init(records: CallFrameSection, fde: FDE, cie: CIE, others: [FDEPlace] = []) {
    self.records = records
    self.fde = fde
    self.cie = cie
    self.others = others
  }
}

/// Where an FDE is.
package struct FDEPlace: Equatable {
  /// Name of its section.
  package var section: String
  /// Its offset there, in bytes.
  package var offset: Int

  package init(section: String, offset: Int) {
    self.section = section
    self.offset = offset
  }
}

/// One instruction.
package struct InstructionLine {
  /// Its address.
  package var address: UInt64
  /// Its length in bytes. One that cannot be decoded has 1.
  package var length: Int
  /// Its bytes are an instruction.
  package var isValid: Bool
  /// Its text in `FunctionListing.text`.
  package var text: Range<Int>
  /// Its first byte in `FunctionListing.code`.
  package var code: Int
  /// Where it leads or what it refers to; nil without such an operand.
  package var target: UInt64?
  /// The name of that place in `FunctionListing.targets`.
  package var targetName: Int?
  /// Rows in `FunctionListing.rows` that begin at it, or inside it. None where the row before goes on.
  package var rows: Range<Int>
  /// Notes in `FunctionListing.notes` that stand above it.
  package var notes: Range<Int>
  /// The line in `FunctionListing.sources` that begins with it; nil where the one before goes on, or none is known.
  package var source: Int?
}

/// A row where it begins.
package struct ListedRow {
  /// Its first address; within the addresses that are listed.
  package var address: UInt64
  /// Its rules.
  package var row: Row
  /// What it changes. Nothing in the first one of a function.
  package var changes: RowChanges

  package init(address: UInt64, row: Row, changes: RowChanges = RowChanges()) {
    self.address = address
    self.row = row
    self.changes = changes
  }
}

/// What is said above an instruction.
package enum ListingNote: Equatable {
  /// A symbol that is not the function's own.
  case label(ListedSymbol, address: UInt64)
  /// The rows end here, since what follows cannot be read.
  case noRows(reason: String)
  /// The instruction before goes on behind the addresses of its FDE.
  case overrun(end: UInt64)
}
