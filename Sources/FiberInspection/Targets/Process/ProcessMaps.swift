internal import CallFrameInfo

/// /proc/PID/maps.
package struct ProcessMaps {
  /// By ascending address.
  package private(set) var mappings: [Mapping] = []
  /// For each mapping, the inode of its file, or 0.
  private(set) var inodes: [UInt64] = []
  /// For each mapping, whether what the process writes there reaches others that share it.
  private(set) var isShared: [Bool] = []
  /// Ranges that the process may read. By ascending address.
  package private(set) var readable: [Range<UInt64>] = []

  /// All of `mappings` readable.
  ///
  /// - Parameter mappings: by ascending address.
  package init(readable mappings: [Mapping]) {
    self.mappings = mappings
    inodes = mappings.map { _ in 0 }
    isShared = mappings.map { _ in false }
    readable = mappings.map(\.range)
  }

  package init(thread: Int32) throws(SystemError) {
    self.init(parsing: try ProcFile.read("/proc/\(thread)/maps"))
  }

  /// Lines that cannot be parsed are skipped: a kernel that writes others would be news.
  init(parsing bytes: [UInt8]) {
    var line = LineCursor(bytes)
    while line.advance() {
      guard let low = line.number(radix: 16, end: UInt8(ascii: "-")),
        let high = line.number(radix: 16, end: UInt8(ascii: " ")), low < high, let permissions = line.field(),
        permissions.count == 4, let offset = line.number(radix: 16, end: UInt8(ascii: " ")), line.field() != nil,
        let inode = line.number(radix: 10, end: UInt8(ascii: " "))
      else { continue }
      let flags = bytes[permissions]
      var path = line.rest.isEmpty ? "" : String(decoding: Self.unescaped(bytes[line.rest]), as: UTF8.self)
      let isDeleted = path.hasSuffix(" (deleted)")
      if isDeleted { path.removeLast(" (deleted)".utf8.count) }
      mappings.append(
        Mapping(
          range: low..<high, fileOffset: offset, path: path,
          isWritable: flags[permissions.lowerBound + 1] == UInt8(ascii: "w"),
          isExecutable: flags[permissions.lowerBound + 2] == UInt8(ascii: "x"), isDeleted: isDeleted))
      inodes.append(inode)
      isShared.append(flags[permissions.lowerBound + 3] == UInt8(ascii: "s"))
      if flags[permissions.lowerBound] == UInt8(ascii: "r") { readable.append(low..<high) }
    }
  }

  /// The readable mapping that holds `address`. O(log n).
  func readable(holding address: UInt64) -> Range<UInt64>? {
    let index = readable.firstIndexAbove(address, by: \.lowerBound) - 1
    return index >= 0 && readable[index].contains(address) ? readable[index] : nil
  }

  /// The part of `start..<end` that can be read, up to the first gap; nil if `start` itself cannot. One stack may lie
  /// in several mappings, since advice and protection of a part split them; it is followed through 64. O(log n).
  func readable(from start: UInt64, to end: UInt64) -> Range<UInt64>? {
    let first = readable.firstIndexAbove(start, by: \.lowerBound) - 1
    guard first >= 0, readable[first].contains(start), start < end else { return nil }
    var high = readable[first].upperBound
    for next in readable[(first + 1)...].prefix(63) {
      guard high < end, next.lowerBound == high else { break }
      high = next.upperBound
    }
    return start..<min(high, end)
  }

  /// The mappings that show files, which say where modules are.
  var files: [Mapping] { mappings.filter { !$0.path.isEmpty && $0.path.first != "[" } }

  /// The kernel writes a newline in a path as \012.
  private static func unescaped(_ path: ArraySlice<UInt8>) -> [UInt8] {
    guard path.contains(UInt8(ascii: "\\")) else { return Array(path) }
    var result: [UInt8] = []
    var rest = path
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), rest.starts(with: "012".utf8) {
        rest = rest.dropFirst(3)
        result.append(UInt8(ascii: "\n"))
      } else {
        result.append(byte)
      }
    }
    return result
  }
}

/// Steps through lines of fields without making strings of them: processes with 10,000 fibers have 20,000 mappings, and
/// stand still meanwhile.
private struct LineCursor {
  private let bytes: [UInt8]
  private var position = 0
  private var end = -1

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// To the next line; false after the last.
  mutating func advance() -> Bool {
    position = end + 1
    guard position < bytes.count else { return false }
    end = position
    while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
    return true
  }

  /// A number up to the byte `terminator` or the end of the line, and past it.
  mutating func number(radix: UInt64, end terminator: UInt8) -> UInt64? {
    var value: UInt64 = 0
    let start = position
    while position < end, bytes[position] != terminator {
      let byte = bytes[position]
      let digit: UInt64
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = UInt64(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = UInt64(byte - UInt8(ascii: "a")) + 10
      default: return nil
      }
      let (product, overflow) = value.multipliedReportingOverflow(by: radix)
      guard digit < radix, !overflow, product <= UInt64.max - digit else { return nil }
      value = product + digit
      position += 1
    }
    guard position > start else { return nil }
    position = min(position + 1, end)
    return value
  }

  /// The bytes up to the next space, and past it.
  mutating func field() -> Range<Int>? {
    let start = position
    while position < end, bytes[position] != UInt8(ascii: " ") { position += 1 }
    defer { position = min(position + 1, end) }
    return start < position ? start..<position : nil
  }

  /// The rest of the line without leading spaces.
  var rest: Range<Int> {
    var start = position
    while start < end, bytes[start] == UInt8(ascii: " ") { start += 1 }
    return start..<end
  }
}
