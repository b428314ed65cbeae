internal import CallFrameInfo

/// Instructions of one function, or of code without call frame information, with the rows in force before them.
///
/// A value without references to the file, so that a renderer is a function of it. What lines have in common (text, bytes, names)
/// lies in arrays that they index, so that a listing of millions of instructions is filled again and again without allocating
/// for each. A long function comes as several listings, of which all but the first are continuations.
struct FunctionListing {
  /// What is listed.
  var head: ListingHead
  /// The listing before it began the same function.
  var isContinuation = false
  /// The last one of its function.
  var isLast = true
  /// The instructions in the order of their addresses.
  var lines: [InstructionLine] = []
  /// Rows that begin in the listing, in order.
  var rows: [ListedRow] = []
  /// What is said between lines, in order.
  var notes: [ListingNote] = []
  /// Source lines that begin in the listing, in order.
  var sources: [SourceLine] = []
  /// Names of the places that instructions lead to or refer to.
  var targets: [ListedSymbol] = []
  /// Texts of instructions, one after another.
  var text: [UInt8] = []
  /// The instructions' bytes, one after another.
  var code: [UInt8] = []

  init(_ head: ListingHead) { self.head = head }

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
struct ListingHead {
  /// The function's name, nil where none is known.
  var symbol: ListedSymbol?
  /// The section that holds the code; in a file without section headers, the segment.
  var section: String
  /// The addresses that are listed.
  var addresses: Range<UInt64>
  /// What describes the frames, nil for code without an FDE.
  var frame: ListedFrame?

  init(
    symbol: ListedSymbol? = nil, section: String, addresses: Range<UInt64>, frame: ListedFrame? = nil
  ) {
    self.symbol = symbol
    self.section = section
    self.addresses = addresses
    self.frame = frame
  }
}

/// A name for an address.
struct ListedSymbol: Equatable {
  /// As people write it.
  var name: String
  /// As it is in the symbol table.
  var rawName: String
  /// How far the address is behind the symbol's, in bytes.
  var offset: UInt64

  init(name: String, rawName: String? = nil, offset: UInt64 = 0) {
    self.name = name
    self.rawName = rawName ?? name
    self.offset = offset
  }
}

/// The records that describe a function's frames.
struct ListedFrame {
  /// The section of both records, whose bytes hold the rules' expressions.
  var records: CallFrameSection
  /// The function's own record.
  var fde: FDE
  /// What it shares with others.
  var cie: CIE
  /// The name of the personality routine, nil where the file does not tell.
  var personality: ListedSymbol?
  /// Other FDEs that cover the first address listed.
  var others: [FDEPlace]

  init(
    records: CallFrameSection, fde: FDE, cie: CIE, personality: ListedSymbol? = nil, others: [FDEPlace] = []
  ) {
    self.records = records
    self.fde = fde
    self.cie = cie
    self.personality = personality
    self.others = others
  }
}

/// Where an FDE is.
struct FDEPlace: Equatable {
  /// Name of its section.
  var section: String
  /// Its offset there, in bytes.
  var offset: Int

  init(section: String, offset: Int) {
    self.section = section
    self.offset = offset
  }
}

/// One instruction.
struct InstructionLine {
  /// Its address.
  var address: UInt64
  /// Its length in bytes. One that cannot be decoded has 1.
  var length: Int
  /// Its bytes are an instruction.
  var isValid: Bool
  /// Its text in `FunctionListing.text`.
  var text: Range<Int>
  /// Its first byte in `FunctionListing.code`.
  var code: Int
  /// Where it leads or what it refers to; nil without such an operand, and where only a linker knows it.
  var target: UInt64?
  /// The name of that place in `FunctionListing.targets`. Without `target`: of a symbol that the file does not define.
  var targetName: Int?
  /// Rows in `FunctionListing.rows` that begin at it, or inside it. None where the row before goes on.
  var rows: Range<Int>
  /// Notes in `FunctionListing.notes` that stand above it.
  var notes: Range<Int>
  /// The line in `FunctionListing.sources` that begins with it; nil where the one before goes on, or none is known.
  var source: Int?
}

/// A row where it begins.
struct ListedRow {
  /// Its first address; within the addresses that are listed.
  var address: UInt64
  /// Its rules.
  var row: Row
  /// What it changes. Nothing in the first one of a function.
  var changes: RowChanges

  init(address: UInt64, row: Row, changes: RowChanges = RowChanges()) {
    self.address = address
    self.row = row
    self.changes = changes
  }
}

/// What is said above an instruction.
enum ListingNote: Equatable {
  /// A symbol that is not the function's own.
  case label(ListedSymbol, address: UInt64)
  /// The rows end here, since what follows cannot be read.
  case noRows(reason: String)
  /// The instruction before goes on behind the addresses of its FDE.
  case overrun(end: UInt64)
}
