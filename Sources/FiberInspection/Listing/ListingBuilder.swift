internal import CallFrameInfo
internal import FrameVerification
internal import Instructions

/// Turns the code of one function after another into listings.
struct ListingBuilder {
  /// Instructions of one listing: what a long function is cut into.
  static let pieceLimit = 4096

  private let disassembler = Disassembler()
  private let symbols: ListedSymbols
  private let source: DebugFile?
  private var listing: FunctionListing

  /// - Parameters:
  ///   - symbols: names for labels and targets.
  ///   - lines: where source lines come from, if they are wanted.
  init(symbols: ListedSymbols, lines: DebugFile? = nil) {
    self.symbols = symbols
    source = lines
    listing = FunctionListing(ListingHead(section: "", addresses: 0..<0))
  }

  /// Lists the code of `head`, in pieces to `body`; stops where that answers false.
  ///
  /// - Parameters:
  ///   - code: the bytes of its section.
  ///   - rows: its rows, nil without an FDE. Rows before the listing are passed over.
  ///   - from: where the first instruction begins, if the one before it reaches into these addresses.
  /// - Returns: where the last instruction ends, and why rows end early.
  mutating func list(
    _ head: ListingHead, code: inout CodeWindow, rows: inout RowCursor?, from start: UInt64,
    _ body: (FunctionListing) -> Bool
  ) -> ListingEnd {
    listing.removeLines()
    listing.head = head
    listing.isContinuation = false
    listing.isLast = false
    rows?.begin(at: head.addresses.lowerBound)
    // The last instruction may reach into what follows.
    let limit = head.addresses.upperBound.saturatingAdding(UInt64(Disassembler.longestInstruction))
    var labels = symbols.symbols(in: head.addresses.lowerBound..<limit).drop {
      $0.start == head.addresses.lowerBound && $0.name == head.symbol?.rawName
    }
    var line: SourceLine?
    let section = code.section
    var end = ListingEnd(address: max(start, head.addresses.lowerBound))
    while end.address < head.addresses.upperBound {
      guard let offset = code.offset(of: end.address) else {
        end.missing = end.address
        break
      }
      if listing.lines.count == Self.pieceLimit {
        guard body(listing) else {
          end.failure = rows?.takeFailure()
          return end
        }
        listing.removeLines()
        listing.isContinuation = true
      }
      let address = end.address
      var decoded = disassembler.decode(code.bytes, at: offset, address: address)
      // No instruction goes on into a function: glibc's FDE of __restore_rt, say, begins with a byte of the padding before it,
      // since unwinders look up pc - 1.
      if let label = labels.first(where: { $0.start > address }), label.isFunction,
        label.start - address < UInt64(decoded.length)
      {
        decoded = disassembler.undecodable()
      }
      let next = address &+ UInt64(decoded.length)
      let notes = listing.notes.count
      while let label = labels.first, label.start <= address {
        listing.notes.append(.label(symbols.listed(label, at: label.start), address: label.start))
        labels.removeFirst()
      }
      let firstRow = listing.rows.count
      if let failure = rows?.advance(before: next, into: &listing.rows) {
        listing.notes.append(.noRows(reason: failure.text))
      }
      var begun: Int?
      if let found = source?.line(at: address), found != line {
        line = found
        begun = listing.sources.count
        listing.sources.append(found)
      }
      append(
        decoded, at: address, bytes: code.bytes[offset..<offset + decoded.length], rows: firstRow, notes: notes,
        source: begun, unresolved: section.unresolvedSymbol(at: address, count: decoded.length))
      end.address = next
    }
    if end.address > head.addresses.upperBound {
      listing.notes.append(.overrun(end: head.addresses.upperBound))
    }
    listing.isLast = true
    _ = body(listing)
    // Also where the rows end behind these addresses.
    end.failure = rows?.takeFailure()
    return end
  }

  /// More than this, in bytes, is no padding: linkers align to 2 MiB at most. A sparse file has any number of zeros.
  private static let mostPadding: UInt64 = 1 << 21

  /// Whether the code is nothing but what assemblers and linkers fill gaps with: zeros, int3, nop in its forms.
  func isPadding(_ addresses: Range<UInt64>, in code: inout CodeWindow) -> Bool {
    guard addresses.upperBound - addresses.lowerBound <= Self.mostPadding else { return false }
    var address = addresses.lowerBound
    while address < addresses.upperBound, let offset = code.offset(of: address) {
      if code.bytes[offset] == 0 {
        address += 1
        continue
      }
      let decoded = disassembler.decode(code.bytes, at: offset, address: address)
      guard decoded.isPadding else { return false }
      address &+= UInt64(decoded.length)
    }
    return address >= addresses.upperBound
  }

  private mutating func append(
    _ decoded: DecodedInstruction, at address: UInt64, bytes: ArraySlice<UInt8>, rows: Int, notes: Int, source: Int?,
    unresolved: String?
  ) {
    let text = listing.text.count
    listing.text.append(contentsOf: disassembler.text[..<disassembler.textCount])
    let code = listing.code.count
    listing.code.append(contentsOf: bytes)
    var name: Int?
    var target = decoded.target
    if let unresolved {
      // Its address is not known before it is linked, and what stands in the instruction means nothing.
      target = nil
      name = listing.targets.count
      listing.targets.append(ListedSymbol(name: symbols.readable(unresolved), rawName: unresolved))
    } else if let target = decoded.target, let symbol = symbols.symbol(at: target) {
      name = listing.targets.count
      listing.targets.append(symbol)
    }
    listing.lines.append(
      InstructionLine(
        address: address, length: decoded.length, isValid: decoded.isValid, text: text..<listing.text.count, code: code,
        target: target, targetName: name, rows: rows..<listing.rows.count, notes: notes..<listing.notes.count,
        source: source))
  }
}

/// How a listing ended.
struct ListingEnd {
  /// Where its last instruction ends.
  var address: UInt64
  /// The first address that the file has no byte for.
  var missing: UInt64?
  /// Why rows end before the code does.
  var failure: CallFrameError?
}

/// The rows of one FDE, taken as the instructions go on.
struct RowCursor {
  private var rows: Rows
  private let bytes: [UInt8]
  /// The row taken last, and the one after it.
  private var current: Row?
  private var following: Row?
  /// Where `following` begins: the next row is not looked at before. (Rows are large to copy.)
  private var next: UInt64 = 0
  private var isAtEnd = false
  /// Why there are no more rows, until the listing has come to where they end.
  private var failure: CallFrameError?
  /// Why there are no more rows, until it is taken.
  private var untaken: CallFrameError?
  /// Where the listing begins.
  private var start: UInt64 = 0
  /// The row in force at the start of the listing has been taken.
  private var hasBegun = false

  /// - Parameter bytes: contents of their section.
  init(_ rows: Rows, bytes: [UInt8]) {
    self.rows = rows
    self.bytes = bytes
  }

  /// Begins a listing at `address`, which is not before what was taken.
  mutating func begin(at address: UInt64) {
    start = address
    hasBegun = false
    next = 0
  }

  /// Why there are no more rows, once; known before the listing has come to where they end.
  mutating func takeFailure() -> CallFrameError? {
    defer { untaken = nil }
    return untaken
  }

  /// Adds to `list` the rows that begin before `end` and have not been taken yet, without those that change nothing.
  ///
  /// - Returns: why there are no more rows, once, when `end` is behind the place where they end.
  mutating func advance(before end: UInt64, into list: inout [ListedRow]) -> CallFrameError? {
    guard end > next else { return nil }
    if !hasBegun, let current, current.addresses.contains(start) {
      list.append(ListedRow(address: start, row: current))
      hasBegun = true
    }
    while !isAtEnd {
      if following == nil {
        do throws(CallFrameError) {
          following = try rows.next()
        } catch {
          isAtEnd = true
          failure = error
          untaken = error
        }
        if following == nil { isAtEnd = true }
      }
      guard let row = following else { break }
      guard row.addresses.lowerBound < end else {
        next = row.addresses.lowerBound
        return nil
      }
      following = nil
      let before = hasBegun ? current : nil
      current = row
      if row.addresses.upperBound <= start { continue }
      let changes = before.map { RowChanges(from: $0, to: row, bytes: bytes) }
      if changes?.isEmpty == true { continue }
      list.append(
        ListedRow(address: max(start, row.addresses.lowerBound), row: row, changes: changes ?? RowChanges()))
      hasBegun = true
    }
    if let failure {
      // The row that cannot be made would begin where the last one ends, which may be the FDE's end.
      let place = min(current?.addresses.upperBound ?? 0, max(1, rows.fde.addresses.upperBound) - 1)
      guard end > place else {
        next = place
        return nil
      }
      self.failure = nil
      next = .max
      return failure
    }
    next = .max
    return nil
  }
}
