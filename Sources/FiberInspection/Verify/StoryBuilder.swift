internal import CallFrameInfo
internal import FrameVerification
internal import Instructions

/// Instructions around refuted rows, each with its row.
struct StoryBuilder {
  /// Instructions shown before and behind the two that matter.
  private static let before = 4
  private static let behind = 3

  private let file: ListedFile

  init(_ file: ListedFile) { self.file = file }

  /// The lines around the instruction at fault and around the row that is wrong, for each of `evidences`, in their order.
  ///
  /// Each function is listed once, whatever the number of findings in it. O(instructions of their functions).
  func lines(of evidences: [Evidence]) -> [[StoryLine]] {
    let windows = windows(around: Set(evidences.flatMap { [$0.from, $0.to] }))
    return evidences.map { evidence in
      var lines = windows[evidence.from] ?? []
      let known = Set(lines.map(\.address))
      if !known.contains(evidence.to) {
        lines += (windows[evidence.to] ?? []).filter { !known.contains($0.address) }
      }
      for index in lines.indices {
        if lines[index].address == evidence.from, evidence.edge != .execution {
          lines[index].mark = .cause
        } else if lines[index].address == evidence.to {
          lines[index].mark = .wrong
        }
      }
      return lines
    }
  }

  /// The lines around each of some addresses of code.
  private func windows(around addresses: Set<UInt64>) -> [UInt64: [StoryLine]] {
    var functions: [Int: [UInt64]] = [:]
    for address in addresses {
      if let fde = file.table.index(at: address) { functions[fde, default: []].append(address) }
    }
    var windows: [UInt64: [StoryLine]] = [:]
    for (fde, addresses) in functions {
      var pass = WindowPass(addresses.sorted(), before: Self.before, behind: Self.behind)
      _ = Listing(file).list(file.table.fdes[fde].addresses) { listing in
        pass.take(listing)
        return !pass.isDone
      }
      windows.merge(pass.windows) { first, _ in first }
    }
    return windows
  }
}

/// One way through a function, on which the lines around some of its instructions are kept.
private struct WindowPass {
  private let before: Int
  private let behind: Int
  /// What has not been come to, ascending.
  private var wanted: ArraySlice<UInt64>
  /// The lines just before, as far as one that is wanted may be near.
  private var recent: [StoryLine] = []
  /// Windows that lines are still missing from.
  private var open: [(address: UInt64, left: Int)] = []
  /// The row in force.
  private var row: ListedRow?
  private(set) var windows: [UInt64: [StoryLine]] = [:]

  init(_ wanted: [UInt64], before: Int, behind: Int) {
    self.wanted = wanted[...]
    self.before = before
    self.behind = behind
  }

  /// Nothing more is wanted.
  var isDone: Bool { wanted.isEmpty && open.isEmpty }

  mutating func take(_ listing: FunctionListing) {
    let rules = listing.head.frame.map(RuleText.init)
    let reach = UInt64(before + 1) * UInt64(Disassembler.longestInstruction)
    for line in listing.lines {
      if let begun = listing.rows[line.rows].last { row = begun }
      while let first = wanted.first, first < line.address { wanted.removeFirst() }
      let isNear = wanted.first.map { $0 - line.address <= reach } ?? false
      guard isNear || !open.isEmpty else {
        if wanted.isEmpty { return }
        recent.removeAll(keepingCapacity: true)
        continue
      }
      let target = line.targetName.map { Self.name(listing.targets[$0]) }
      let text = String(decoding: listing.text[line.text], as: UTF8.self)
      let story = StoryLine(
        address: line.address, end: line.address &+ UInt64(line.length),
        text: target.map { "\(text)  <\($0)>" } ?? text,
        row: row.flatMap { row in rules.map { Self.text(row, $0) } })
      for index in open.indices {
        windows[open[index].address]?.append(story)
        open[index].left -= 1
      }
      open.removeAll { $0.left == 0 }
      if wanted.first == line.address {
        windows[line.address] = recent + [story]
        open.append((line.address, behind))
      }
      if recent.count == before { recent.removeFirst() }
      recent.append(story)
    }
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
