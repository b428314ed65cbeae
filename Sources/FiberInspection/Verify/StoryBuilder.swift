internal import CallFrameInfo
internal import FrameVerification

/// Instructions around a refuted row, each with its row.
struct StoryBuilder {
  /// Instructions shown before and behind the two that matter.
  private static let before = 4
  private static let behind = 3

  private let file: ListedFile

  init(_ file: ListedFile) { self.file = file }

  /// The lines of a story: those around the instruction at fault and around the row that is wrong. O(instructions of its function).
  func lines(of finding: Finding, _ evidence: Evidence) -> [StoryLine] {
    var lines = lines(around: evidence.from, evidence)
    if !lines.contains(where: { $0.address == evidence.to }) {
      let others = self.lines(around: evidence.to, evidence)
      let known = Set(lines.map(\.address))
      lines += others.filter { !known.contains($0.address) }
    }
    return lines
  }

  private func lines(around address: UInt64, _ evidence: Evidence) -> [StoryLine] {
    guard let index = file.table.index(at: address) else { return [] }
    let listing = Listing(file)
    var lines: [StoryLine] = []
    var row: String?
    var left: Int?
    _ = listing.list(file.table.fdes[index].addresses) { listing in
      let rules = listing.head.frame.map(RuleText.init)
      for line in listing.lines {
        if let begun = listing.rows[line.rows].last, let rules { row = Self.text(begun, rules) }
        let text = String(decoding: listing.text[line.text], as: UTF8.self)
        let target = line.targetName.map { Self.name(listing.targets[$0]) }
        lines.append(
          StoryLine(
            address: line.address, end: line.address &+ UInt64(line.length),
            text: target.map { "\(text)  <\($0)>" } ?? text, row: row,
            mark: line.address == evidence.from ? .cause : line.address == evidence.to ? .wrong : nil))
        if line.address == address { left = Self.behind }
        if let rest = left, line.address != address {
          if rest == 1 { return false }
          left = rest - 1
        }
        if left == nil, lines.count > Self.before { lines.removeFirst() }
      }
      return true
    }
    return lines
  }

  private static func name(_ symbol: ListedSymbol) -> String {
    symbol.offset == 0 ? symbol.name : "\(symbol.name)+\(symbol.offset)"
  }

  private static func text(_ row: ListedRow, _ rules: RuleText) -> String {
    var text = TextBuffer()
    // What a row changes is not marked: lines are shown without those before them.
    let plain = ListedRow(address: row.address, row: row.row)
    rules.append(cfa: plain, to: &text)
    text.append(" ")
    rules.append(rules: plain, to: &text, columns: nil)
    return String(decoding: text.bytes, as: UTF8.self)
  }
}
